"""Every experiment through the command line: train, score, show, export, load elsewhere.

A new experiment is picked up by itself.
"""

import json
import re
import subprocess
import sys

import numpy as np
import PIL.Image
import pytest
import tensorflow as tf
from common import DIGITS, ROOT, TINY, tiny

from tfmodels.launcher import pages

GENERATIVE = [name for name in pages.names() if re.search(
    r"image_(generation|likelihood)\(", (ROOT / "experiments" / f"{name}.py").read_text())]

# Loads an export with TensorFlow alone, calls each signature twice and saves the answers.
BARE = """
import sys
sys.modules["keras"] = sys.modules["tfmodels"] = sys.modules["experiments"] = None
import numpy as np, tensorflow as tf
inputs = np.load(sys.argv[2])
loaded = tf.saved_model.load(sys.argv[1])
answers = {}
for name, function in loaded.signatures.items():
    for turn in ("first", "second"):
        given = {key.split("/")[1]: tf.constant(inputs[key])
                 for key in inputs if key.split("/")[0] == name}
        for key, value in function(**given).items():
            value = value.numpy()
            answers[f"{turn}/{name}/{key}"] = value.astype("S") if value.dtype == object else value
np.savez(sys.argv[3], **answers)
"""


@pytest.mark.parametrize("experiment", pages.names())
def test_run_folder_holds_what_the_design_says(experiment, runs):
    run = runs(experiment)
    metrics = json.loads((run / "metrics.json").read_text())
    assert metrics["experiment"] == experiment
    assert metrics["step"] == 6
    assert metrics["seconds"] > 0
    assert metrics["parameters"] > 1000
    assert metrics["metrics"]
    for name, value in metrics["metrics"].items():
        assert name.startswith("test_")
        assert np.isfinite(value)
    assert metrics["errors"] == {}
    assert metrics["baselines"]
    for scores in metrics["baselines"].values():
        assert set(scores) & set(metrics["metrics"]), "a baseline shares no metric with the model"
    manifest = json.loads((run / "manifest.json").read_text())
    assert manifest["settings"]["steps"] == {"value": 6, "from": "flag"}
    splits = manifest["data"]["splits"]
    assert len({split["fingerprint"] for split in splits.values()}) == 3
    assert [path.name for path in sorted((run / "checkpoints").iterdir())] == [
        "step-00000004", "step-00000006"]
    assert list((run / "samples").glob("*-00000003.*"))
    for path in (run / "samples").glob("*.png"):
        with PIL.Image.open(path) as image:
            assert np.asarray(image).std() > 0, f"{path} is blank"


@pytest.mark.parametrize("experiment", pages.names())
def test_export_in_a_bare_process_answers_like_the_live_model(experiment, runs, tmp_path):
    run = runs(experiment)
    from tfmodels.launcher import building
    from tfmodels.training.run import RunFolder
    folder = RunFolder(run)
    settings = building.settings_of_run(experiment, folder, "")
    folder.close()
    task, _ = building.build_task(experiment, settings)
    building.steps_of(task, run, settings)[1].restore()
    inputs = {f"{signature}/{name}": value for signature, function in task.signatures.items()
              for name, value in _example_inputs(task, function).items()}
    np.savez(tmp_path / "inputs.npz", **inputs)
    subprocess.run([sys.executable, "-c", BARE, str(run / "export" / "1"),
                    str(tmp_path / "inputs.npz"), str(tmp_path / "answers.npz")], check=True)
    answers = np.load(tmp_path / "answers.npz")
    for signature, function in task.signatures.items():
        live = function(**_example_inputs(task, function))
        for name, value in live.items():
            answer = answers[f"first/{signature}/{name}"]
            np.testing.assert_array_equal(answer, answers[f"second/{signature}/{name}"])
            if value.dtype.is_floating:
                np.testing.assert_allclose(answer, value.numpy(), atol=1e-5)
            elif value.dtype.is_integer and value.dtype.size == 1:  # pixels: one step of rounding
                assert np.abs(answer.astype(int) - value.numpy().astype(int)).max() <= 1
            else:
                np.testing.assert_array_equal(answer, value.numpy().astype(answer.dtype))


def _example_inputs(task, function):
    """Returns raw validation examples, or plausible numbers, for each input of a signature."""
    arrays = task.data.splits["validation"].arrays()
    inputs = {}
    for spec in tf.nest.flatten(function.get_concrete_function().structured_input_signature):
        if spec.dtype == "uint8":
            inputs[spec.name] = arrays["image"][:8]
        elif spec.dtype == "string":
            texts = arrays["text" if "text" in arrays else "source"]
            most = 8 if spec.name == "prompt" else None  # a prompt has to fit in a context
            inputs[spec.name] = np.array([text[:most] for text in texts[:8]])
        elif spec.shape.rank and spec.dtype.is_integer:
            inputs[spec.name] = np.zeros([8 if size is None else size for size in spec.shape],
                                         np.int32)
        elif spec.shape.rank:
            shape = [8 if size is None else size for size in spec.shape]
            inputs[spec.name] = np.random.default_rng(0).normal(size=shape).astype(np.float32)
        else:
            inputs[spec.name] = spec.dtype.as_numpy_dtype(5 if spec.dtype.is_integer else 0.5)
    return inputs


@pytest.mark.parametrize("experiment", pages.names())
def test_evaluate_computes_the_same_from_the_export(experiment, runs, launch):
    run = runs(experiment)
    before = json.loads((run / "metrics.json").read_text())
    code, out, _ = launch("--mode=evaluate", f"--run={experiment}/täst",
                          f"--logdir={run.parents[1]}")
    assert code == 0
    after = json.loads((run / "metrics.json").read_text())
    for name, value in before["metrics"].items():
        assert after["metrics"][name] == pytest.approx(value, rel=1e-5)
        assert name in out


@pytest.mark.parametrize("experiment", pages.names())
def test_finished_run_says_so_and_another_configuration_is_refused(experiment, runs, launch,
                                                                   data_dir):
    run = runs(experiment)
    same = [f"--experiment={experiment}", "--run=täst", f"--logdir={run.parents[1]}",
            f"--data_dir={data_dir}", *tiny(experiment)]
    code, out, _ = launch(*same)
    assert code == 0
    assert "is finished at step 6" in out
    code, _, err = launch(*same, "--seed=9", "--learning_rate=0.5")
    assert code == 1
    assert "seed: the run has 0, now 9" in err
    assert "--learning_rate" in err


@pytest.mark.parametrize("experiment", GENERATIVE)
def test_sample_draws_the_same_for_the_same_seed(experiment, runs, launch, tmp_path):
    run = runs(experiment)
    pictures = []
    for name, seed in (("a", 7), ("b", 7), ("c", 8)):
        code, out, _ = launch("--mode=sample", f"--run={run.parent.name}/täst",
                              f"--logdir={run.parents[1]}",
                              "--count=10", f"--sample_seed={seed}",
                              f"--out={tmp_path / name}.png")
        assert code == 0
        assert "10 samples" in out
        with PIL.Image.open(tmp_path / f"{name}.png") as image:
            pictures.append(np.asarray(image))
    np.testing.assert_array_equal(pictures[0], pictures[1])
    assert (pictures[0] != pictures[2]).any()


def test_sample_draws_the_classes_that_are_named(launch, data_dir, runs, tmp_path):
    code, _, err = launch("--experiment=gan", "--run=a", f"--logdir={tmp_path}", *TINY, DIGITS,
                          f"--data_dir={data_dir}", "--conditional", "--architecture=dense",
                          "--loss=hinge")
    assert code == 0, err
    assert list((tmp_path / "gan" / "a" / "samples").glob("samples_by_class-*.png"))
    sample = ["--mode=sample", "--run=gan/a", f"--logdir={tmp_path}", "--count=4"]
    pictures = []
    for labels in ("7", "7,1", ""):
        code, _, err = launch(*sample, f"--labels={labels}", f"--out={tmp_path}/a.png")
        assert code == 0, err
        with PIL.Image.open(tmp_path / "a.png") as image:
            pictures.append(np.asarray(image))
    np.testing.assert_array_equal(pictures[0][:8, :8], pictures[1][:8, :8])  # both a 7
    assert (pictures[0][:8, 9:] != pictures[1][:8, 9:]).any()
    code, _, err = launch(*sample, "--labels=seven")
    assert code == 1
    assert "no class 'seven'" in err
    code, _, err = launch("--mode=sample", "--run=gan/täst", "--labels=7",
                          f"--logdir={runs('gan').parents[1]}")
    assert code == 1
    assert "--conditional" in err


def test_sample_needs_a_generative_experiment(runs, launch):
    run = runs("dense")
    code, _, err = launch("--mode=sample", "--run=dense/täst", f"--logdir={run.parents[1]}")
    assert code == 1
    assert "generative" in err


def test_sample_refuses_a_place_it_cannot_write(runs, launch, tmp_path):
    run = runs("gan")
    code, _, err = launch("--mode=sample", "--run=gan/täst", f"--logdir={run.parents[1]}",
                          f"--out={tmp_path}/none/a.png")
    assert code == 1
    assert "none" in err
    assert not (tmp_path / "none").exists()


def test_export_never_overwrites_a_version(runs, launch):
    run = runs("autoencoder")
    first = {path: path.read_bytes() for path in (run / "export" / "1").rglob("*")
             if path.is_file()}
    leftover = run / "export" / "tmp-2"
    leftover.mkdir()
    code, out, _ = launch("--mode=export", "--run=autoencoder/täst", f"--logdir={run.parents[1]}")
    assert code == 0
    assert str(run / "export" / "2") in out
    assert not leftover.exists()
    assert first == {path: path.read_bytes() for path in (run / "export" / "1").rglob("*")
                     if path.is_file()}


def test_more_steps_extend_a_run(dense_run, launch, data_dir):
    run = dense_run
    more = [flag for flag in TINY if not flag.startswith("--steps")]
    code, out, _ = launch("--experiment=dense", "--run=täst", f"--logdir={run.parents[1]}",
                          f"--data_dir={data_dir}", DIGITS, *more, "--steps=8")
    assert code == 0
    assert "continuing at step 6" in out
    assert json.loads((run / "metrics.json").read_text())["step"] == 8
    assert (run / "export" / "2").is_dir()
    code, _, err = launch("--mode=reproduce", "--run=dense/täst", f"--logdir={run.parents[1]}")
    assert code == 1
    assert "extended from 6 to 8 steps" in err


def test_a_run_of_other_settings_is_refused_with_the_version_that_made_it(dense_run, launch,
                                                                          data_dir):
    file = dense_run / "manifest.json"
    manifest = json.loads(file.read_text())
    manifest["settings"]["members"] = {"value": 4, "from": "default"}
    manifest |= {"versions": {"tfmodels": "0.0.7"}, "revision": {"commit": "0123456789abcdef"}}
    file.write_text(json.dumps(manifest))
    again = ("--experiment=dense", "--run=täst", f"--data_dir={data_dir}", DIGITS, *TINY)
    for flags in (again, *(("--run=dense/täst", f"--mode={mode}")
                           for mode in ("evaluate", "export", "reproduce"))):
        code, _, err = launch(*flags, f"--logdir={dense_run.parents[1]}")
        assert code == 1, flags
        assert "made by tfmodels 0.0.7, revision 0123456789ab, with other settings (members)" in err
        assert len(err.splitlines()) == 1


def test_wrong_kind_of_data_is_code_1_and_leaves_nothing(launch, data_dir, tmp_path):
    code, _, err = launch("--experiment=gan", "--dataset=kjv_verses", f"--data_dir={data_dir}",
                          f"--logdir={tmp_path}", "--run=a")
    assert code == 1
    assert "has no image" in err
    assert "mnist_10k" in err
    assert not (tmp_path / "gan" / "a").exists()


def test_run_without_a_finished_training_cannot_be_evaluated(launch, tmp_path, data_dir, runs):
    run = runs("dense")
    copy = tmp_path / "dense" / "half"
    copy.mkdir(parents=True)
    (copy / "manifest.json").write_bytes((run / "manifest.json").read_bytes())
    for mode in ("evaluate", "sample", "export"):
        code, _, err = launch(f"--mode={mode}", "--run=dense/half", f"--logdir={tmp_path}")
        assert code == 7, mode
        assert str(copy) in err
