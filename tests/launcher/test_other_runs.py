"""A setting that refers to another run, by a page that this test adds: a network with a teacher."""

import json
import shutil

import pytest
from common import DIGITS, TINY

import experiments
from tfmodels.errors import InputError
from tfmodels.training import checkpoint_files, other_run

PAGE = '''"""Dense network that learns from the answers of another run."""

import dataclasses

from tfmodels import config


@dataclasses.dataclass(frozen=True)
class Config(config.ImageClassifier):
    """Settings of a pupil."""

    teacher: str = config.field("dense/täst", "run to learn from", run=True)


def build(settings, teacher):
    """Returns the task."""
    import keras

    from tfmodels.models.dense import dense
    from tfmodels.tasks.image_classification import image_classification

    data = settings.load("image", "label")
    model = dense(data.image_shape, len(data.class_names), widths=(8,))
    model.compile("sgd", keras.losses.CategoricalCrossentropy(from_logits=True))
    answers = teacher.signature("serving_default")

    def prepare(batch, _):
        return batch["image"], answers(inputs=batch["image"])["probabilities"]
    return image_classification(model, data, prepare=prepare)
'''


@pytest.fixture
def pupil(launch, data_dir, dense_run, tmp_path, monkeypatch):
    """Calls the command line for the run `pupil/a` beside a copy of the tiny run of `dense`."""
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages" / "pupil.py").write_text(PAGE, encoding="utf-8")
    monkeypatch.setattr(experiments, "__path__", [*experiments.__path__, str(tmp_path / "pages")])

    def call(*flags):
        return launch(*flags, f"--logdir={tmp_path}", f"--data_dir={data_dir}")
    return call


TRAIN = ["--experiment=pupil", "--run=a", DIGITS, *TINY]


def test_another_run_is_recorded_with_its_digest_and_must_stay_as_it_was(
        pupil, dense_run, tmp_path, launch):
    code, out, err = pupil(*TRAIN)
    assert code == 0, err
    manifest = json.loads((tmp_path / "pupil/a/manifest.json").read_text())
    step, digest = checkpoint_files.of_run(dense_run / "checkpoints")
    described = manifest["runs"]["teacher"]
    exported = described.pop("export_sha256")
    assert described == {"from": str(dense_run.resolve()), "step": step, "sha256": digest}
    assert pupil("--mode=evaluate", "--run=pupil/a")[0] == 0
    shutil.copytree(dense_run / "export" / "1", dense_run / "export" / "2")
    again = other_run.find("dense/täst", tmp_path, manifest["runs"]["teacher"])  # the same content
    assert again.export_sha256 == exported
    for change in (dense_run / "export" / "2" / "saved_model.pb",
                   dense_run / "checkpoints" / f"step-{step:08d}" / "contents.json"):
        whole = change.read_bytes()
        change.write_bytes(whole + b" ")
        code, _, err = pupil(*TRAIN, "--steps=7")
        assert code == 7
        assert "has changed: this run used its checkpoint of step 6" in err
        change.write_bytes(whole)
    with pytest.raises(InputError, match="exports no 'sample', only serving_default"):
        again.signature("sample")


def test_a_run_that_is_not_there_is_refused_before_anything_is_built(pupil, tmp_path):
    code, _, err = pupil(*TRAIN, "--teacher=dense/tast")
    assert code == 1
    assert "flag --teacher=dense/tast: no run dense/tast" in err
    assert "did you mean dense/täst?" in err
    assert not (tmp_path / "pupil").exists()
