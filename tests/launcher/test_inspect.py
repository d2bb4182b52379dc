"""--mode=inspect, and own files from the command line to the end of a run."""

import json
import shutil

import numpy as np
import PIL.Image
import pytest
from common import stop_at
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator


@pytest.fixture
def photos(tmp_path):
    """36 images of different sizes in two class folders, a third of them of one kind of noise."""
    rng = np.random.default_rng(0)
    for i in range(36):
        path = tmp_path / "photos" / ("dark", "light")[i % 2] / f"{i}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        shape = (*rng.integers(12, 40, 2), 3)
        pixels = rng.integers(0, 90, shape) + 120 * (i % 2)
        PIL.Image.fromarray(pixels.astype(np.uint8)).save(path)
    return tmp_path / "photos"


def test_a_data_set_is_inspected_without_an_experiment(launch, photos, tmp_path):
    code, out, err = launch("--mode=inspect", f"--dataset={photos}", "--image_size=10x12",
                            f"--data_dir={tmp_path / 'data'}", f"--logdir={tmp_path}")
    assert (code, err) == (0, "")
    assert "36 images of 2 classes by folder" in out
    assert "images of 10x12 pixels (height x width), 3 channels" in out
    assert "training examples by class: dark " in out
    reader = EventAccumulator(str(tmp_path / "inspect" / "photos" / "train"))
    tags = reader.Reload().Tags()["tensors"]
    assert sum(tag.endswith("/examples") for tag in tags) == 1
    assert sum(tag.endswith("data") for tag in tags) == 1


@pytest.mark.parametrize(("flags", "message"), [
    ([], "expected --dataset=NAME or PATH"), (["--run=dense/a"], "not at a run"),
    (["--dataset=photos", "--target=clas"], "expected one of auto, number, class"),
    (["--dataset=fotos"], "unknown data set 'fotos'; did you mean photos?"),
    (["--dataset=./fotos"], "did you mean photos?"),
    (["--dataset=gone.xlsx"], "gone.xlsx does not exist"),
    (["--dataset=photos/lihgt"], "'lihgt' is not in"),
    (["--dataset=photos", "--image_size=9", "--experiment=rnn"], "unknown flag")])
def test_what_cannot_be_inspected_is_told(launch, photos, tmp_path, monkeypatch, flags, message):
    monkeypatch.chdir(tmp_path)
    code, out, err = launch("--mode=inspect", f"--data_dir={tmp_path / 'data'}", *flags)
    assert code == 1
    assert message in err
    assert not (tmp_path / "runs").exists()


def test_images_of_different_sizes_are_inspected_at_one(launch, photos, tmp_path):
    flags = [f"--dataset={photos}", f"--data_dir={tmp_path / 'data'}", f"--logdir={tmp_path}"]
    code, out, err = launch("--mode=inspect", *flags)
    assert (code, err) == (0, "")
    areas = sorted((file.size[::-1] for file in map(PIL.Image.open, photos.glob("*/*"))),
                   key=lambda size: size[0] * size[1])
    assert "images of different sizes: {}x{} to {}x{} pixels".format(*areas[0], *areas[-1]) in out
    assert "such as --image_size=32" in out
    assert "images of 32x32 pixels" in out
    assert "training examples by class: dark " in out
    assert launch("--experiment=dense", *flags)[0] == 1


@pytest.mark.parametrize(("header", "row", "flags", "says", "takers"), [
    ("English,French", "word{i},mot{i}", [], "source: English, target: French", "translation"),
    ("id,review,verdict", "{i},so it goes {i},{c}", [], "label: verdict", "transformer"),
    ("area,zone,price", "{i}.5,{c},{i}1.7", ["--label_column=price", "--target=number"],
     "price is the number to predict", "dense")])
def test_tables_are_inspected_as_what_they_are(launch, tmp_path, header, row, flags, says, takers):
    path = tmp_path / "table.csv"
    path.write_text("\n".join([header, *(row.format(i=i, c="xy"[i % 2]) for i in range(40))]))
    code, out, err = launch("--mode=inspect", f"--dataset={path}", *flags,
                            f"--data_dir={tmp_path / 'data'}", f"--logdir={tmp_path}")
    assert (code, err) == (0, "")
    assert says in out
    line = next(line for line in out.splitlines() if "experiments that train on it" in line)
    assert takers in line
    assert "cnn" not in line


def test_own_images_train_score_export_and_resume(launch, photos, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    flags = ["--experiment=dense", "--dataset=photos", "--image_size=8", "--batch_size=4",
             "--hidden_units=8", "--eval_every=2", "--checkpoint_every=4", "--steps=4",
             f"--data_dir={tmp_path / 'data'}", f"--logdir={tmp_path / 'runs'}"]
    assert launch(*flags, "--run=whole")[0] == 0
    with monkeypatch.context() as patch:
        stop_at(2, patch)
        assert launch(*flags, "--run=parts")[0] == 143
    monkeypatch.chdir("/")
    flags[1] = f"--dataset={photos}"  # the path means the same from elsewhere
    assert launch(*flags, "--run=parts")[0] == 0
    whole, parts = (json.loads((tmp_path / "runs" / "dense" / run / "metrics.json").read_text())
                    for run in ("whole", "parts"))
    assert whole["dataset"] == str(photos)
    assert whole["variables_sha256"] == parts["variables_sha256"]
    assert whole["metrics"] == parts["metrics"]
    photos.rename(tmp_path / "moved")
    code, out, _ = launch("--mode=evaluate", "--run=dense/parts", *flags[-2:])
    assert (code, "photos is not there any more" in out) == (0, True)
    (tmp_path / "moved").rename(photos)
    shutil.copy(photos / "dark" / "0.jpg", photos / "light" / "new.jpg")
    code, _, err = launch(*flags[:-3], "--steps=6", *flags[-2:], "--run=parts")
    assert code == 3
    assert "has changed since this run was started" in err
    for mode in ("evaluate", "export"):  # its classes may have other numbers now
        code, _, err = launch(f"--mode={mode}", "--run=dense/whole", flags[-2], flags[-1])
        assert (code, "has changed" in err) == (3, True), mode
