"""Event files: one curve after a resume, whatever was cut short or left over."""

import os

import numpy as np
import PIL.Image
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from tfmodels.training.events import Events, truncate


def _curve(folder, tag="loss"):
    reader = EventAccumulator(str(folder), size_guidance={"tensors": 0})
    reader.Reload()
    return [(event.step, float(np.frombuffer(event.tensor_proto.tensor_content, np.float32)[0]))
            for event in reader.Tensors(tag)]


def _log(folder, start, steps, value):
    events = Events(folder, start)
    for step in steps:
        events.scalars("train", {"loss": value + step}, step)
    events.close()


def test_steps_after_the_checkpoint_are_dropped_and_redone_once(tmp_path):
    _log(tmp_path, -1, range(0, 8), 0.0)
    _log(tmp_path, 4, range(5, 10), 0.5)  # continued from step 4
    _log(tmp_path, 6, range(7, 12), 0.25)
    assert _curve(tmp_path / "train") == (
        [(step, step) for step in range(5)] + [(step, step + 0.5) for step in (5, 6)]
        + [(step, step + 0.25) for step in range(7, 12)])


def test_event_file_cut_short_is_read_up_to_the_cut(tmp_path):
    _log(tmp_path, -1, range(6), 0.0)
    file, = (tmp_path / "train").glob("events*")
    os.truncate(file, file.stat().st_size - 5)
    _log(tmp_path, 10, [11], 0.0)
    assert [step for step, _ in _curve(tmp_path / "train")] == [0, 1, 2, 3, 4, 11]


def test_kill_between_rename_and_delete_doubles_nothing(tmp_path):
    _log(tmp_path, -1, range(4), 0.0)
    original, = (tmp_path / "train").glob("events*")
    content = original.read_bytes()
    truncate(tmp_path / "train", 3)
    original.write_bytes(content)  # as if it had not been deleted
    truncate(tmp_path / "train", 3)
    assert [step for step, _ in _curve(tmp_path / "train")] == [0, 1, 2, 3]


def test_clock_set_back_keeps_the_order_of_steps(tmp_path):
    _log(tmp_path, -1, range(4), 0.0)
    file, = (tmp_path / "train").glob("events*")
    # As named by a clock a day ahead of the one that the next file is named by.
    file.rename(file.with_name(file.name.replace("tfevents.1", "tfevents.9", 1)))
    _log(tmp_path, 3, [4, 5], 0.0)
    assert [step for step, _ in _curve(tmp_path / "train")] == [0, 1, 2, 3, 4, 5]


def test_pictures_are_written_as_png_too(tmp_path):
    picture = np.arange(48, dtype=np.uint8).reshape(4, 4, 3)
    events = Events(tmp_path, -1)
    events.image("validation", "samples", picture, 7)
    events.close()
    with PIL.Image.open(tmp_path / "samples" / "samples-00000007.png") as image:
        np.testing.assert_array_equal(np.asarray(image), picture)


def test_embedding_writes_vectors_labels_and_a_sprite(tmp_path):
    events = Events(tmp_path, -1)
    vectors = np.random.default_rng(0).normal(size=(5, 3))
    thumbnails = np.arange(5 * 2 * 2, dtype=np.uint8).reshape(5, 2, 2, 1)
    events.embedding("validation", "codes", vectors, list("abcde"), thumbnails)
    events.close()
    folder = tmp_path / "validation"
    np.testing.assert_allclose(np.loadtxt(folder / "codes-vectors.tsv"), vectors, rtol=1e-5)
    assert (folder / "codes-labels.tsv").read_text().split() == list("abcde")
    with PIL.Image.open(folder / "codes-sprite.png") as image:
        sprite = np.asarray(image)
    assert sprite.shape == (6, 6)  # 3 x 3 thumbnails of 2 x 2
    np.testing.assert_array_equal(sprite[2:4, 0:2], thumbnails[3, :, :, 0])
    assert "codes-sprite.png" in (folder / "projector_config.pbtxt").read_text()


def test_texts_of_a_validation_are_samples_too(tmp_path):
    events = Events(tmp_path, -1)
    events.text("validation", "greeting", "né en été", 7)
    events.text("train", "manifest", "no sample", 7)
    events.close()
    assert [path.name for path in (tmp_path / "samples").iterdir()] == ["greeting-00000007.md"]
    assert (tmp_path / "samples" / "greeting-00000007.md").read_text("utf-8") == "né en été\n"


def test_nothing_is_written_through_links_that_lay_there(tmp_path):
    outside = tmp_path / "outside"
    outside.write_text("mine")
    run = tmp_path / "run"
    for name in ("samples/.a-00000007.png.tmp", "samples/a-00000007.png", "samples/b-00000007.md",
                 "validation/c-vectors.tsv", "validation/c-labels.tsv", "validation/c-sprite.png",
                 "validation/.c-sprite.png.tmp", "validation/projector_config.pbtxt",
                 "train/tmp-events"):
        (run / name).parent.mkdir(exist_ok=True, parents=True)
        (run / name).symlink_to(outside)
    _log(run, -1, range(3), 0.0)
    events = Events(run, 1)  # merges the event files of train/
    events.image("validation", "a", np.zeros((2, 2, 3), np.uint8), 7)
    events.text("validation", "b", "text", 7)
    events.embedding("validation", "c", np.eye(2), ["x", "y"], np.zeros((2, 2, 2, 1), np.uint8))
    events.close()
    assert outside.read_text() == "mine"
    assert [step for step, _ in _curve(run / "train")] == [0, 1]
    assert "c-labels.tsv" in (run / "validation" / "projector_config.pbtxt").read_text()


def test_leftovers_of_a_killed_process_are_swept(tmp_path):
    for name in ("samples/.0123456789abcdef.tmp", ".fedcba9876543210.tmp"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("half")
    Events(tmp_path, -1).close()
    assert not list(tmp_path.rglob("*.tmp"))
