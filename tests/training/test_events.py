"""Event files: one curve after a resume, whatever was cut short or left over; what is shown how."""

import os

import numpy as np
import PIL.Image
import tensorflow as tf
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from tfmodels.training import tags
from tfmodels.training.event_files import truncate
from tfmodels.training.events import Events


def _read(folder):
    reader = EventAccumulator(str(folder), size_guidance={"tensors": 0})
    reader.Reload()
    return reader


def _curve(folder, tag="loss/loss"):
    reader = _read(folder)
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


def test_a_huge_picture_is_made_smaller(tmp_path):
    events = Events(tmp_path, -1)
    picture = np.zeros((4, 6001, 4), np.uint8)
    picture[:2] = 255
    events.image("validation", "samples", picture, 3)
    events.close()
    with PIL.Image.open(tmp_path / "samples/samples-00000003.png") as drawn:
        assert drawn.size == (3000, 2)
        np.testing.assert_array_equal(np.asarray(drawn)[:, 0, 0], [255, 0])


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


def test_a_run_from_before_tags_had_groups_goes_on_in_one_curve(tmp_path):
    writer = tf.summary.create_file_writer(str(tmp_path / "train"))  # as it wrote
    for step in range(4):
        with writer.as_default(step):
            tf.summary.scalar("loss", float(step))
            tf.summary.scalar("learning_rate/generator", 0.5)
            tf.summary.image("samples", np.zeros((1, 2, 2, 3), np.uint8))
            tf.summary.text("manifest", "{}")
    writer.close()
    _log(tmp_path, 2, [3, 4], 0.5)
    _log(tmp_path, 3, [4], 0.25)
    assert _curve(tmp_path / "train") == [(0, 0), (1, 1), (2, 2), (3, 3.5), (4, 4.25)]
    reader = _read(tmp_path / "train")
    assert sorted(reader.Tags()["tensors"]) == [
        "loss/loss", "pictures/samples", "training/learning_rate/generator", "training/manifest"]
    assert len(reader.Tensors("training/learning_rate/generator")) == 3
    assert reader.SummaryMetadata("pictures/samples").summary_description.startswith("Images drawn")


def test_every_name_has_a_group_and_a_description_and_keeps_them():
    expected = {"loss": "loss/loss", "critic_loss": "loss/critic_loss",
                "my_loss": "loss/my_loss", "my_score": "metrics/my_score",
                "gradient_norm/generator": "training/gradient_norm/generator",
                "test_accuracy": "test/accuracy", "test_loss": "test/loss"}
    for name, tag in expected.items():
        found, description = tags.tag_of(tags.SCALARS, name)
        assert found == tag
        assert description.endswith((".", "page."))
        assert tags.is_tag(tags.SCALARS, tag)
        assert not tags.is_tag(tags.SCALARS, name)
    assert tags.tag_of(tags.PICTURES, "attention_3") == (
        "pictures/attention_3", tags.tag_of(tags.PICTURES, "attention")[1])
    assert tags.tag_of(tags.TEXTS, "test_scores")[0] == "test/scores"
    assert tags.tag_of(tags.TEXTS, "errors")[0] == "training/errors"


def _shades(run, *steps):
    events = Events(run, -1)
    for step in steps:
        events.image("validation", "samples", np.full((4, 6, 1), step, np.uint8), step)
    return events


def test_animation_shows_the_pictures_up_to_the_step_in_order(tmp_path):
    events = _shades(tmp_path, 40, 200, 120)
    events.image("validation", "samples_by_class", np.zeros((4, 6, 1), np.uint8), 50)
    events.animation("test", "samples", 150)  # 200 is of a process that was killed
    events.close()
    with PIL.Image.open(tmp_path / "samples" / "samples.gif") as gif:
        found = []
        for frame in range(gif.n_frames):
            gif.seek(frame)
            found.append(gif.convert("L").getpixel((gif.width // 2, gif.height - 9)))
    assert found == [40, 120]
    event, = _read(tmp_path / "test").Tensors("pictures/samples_over_steps")
    width, height, content = event.tensor_proto.string_val
    assert (int(width), int(height)) == gif.size
    assert content == (tmp_path / "samples" / "samples.gif").read_bytes()


def test_one_picture_is_no_animation(tmp_path):
    events = _shades(tmp_path, 40)
    events.animation("test", "samples", 40)
    events.animation("test", "reconstructions", 40)
    events.close()
    assert not (tmp_path / "samples" / "samples.gif").exists()
    assert not (tmp_path / "test").exists()


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


def test_long_lines_of_code_are_broken_for_tensorboard_alone(tmp_path):
    text = "long " * 40 + "\n```\n" + "word " * 40 + "\n\n  short\n```\n" + "prose " * 40
    events = Events(tmp_path, -1)
    events.text("validation", "texts", text, 7)
    events.close()
    assert (tmp_path / "samples" / "texts-00000007.md").read_text() == text + "\n"
    event, = _read(tmp_path / "validation").Tensors("examples/texts")
    lines = event.tensor_proto.string_val[0].decode().split("\n")
    assert lines[0] == "long " * 40
    assert [len(line) <= 110 for line in lines[2:4]] == [True, True]
    assert "".join(lines[2:4]).split() == ["word"] * 40
    assert lines[4:] == ["", "  short", "```", "prose " * 40]


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
