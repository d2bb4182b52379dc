"""Every experiment through the command line: train, continue, score, show, export, load elsewhere.

A new experiment is picked up by itself.
"""

import contextlib
import functools
import io
import json
import shutil
import subprocess
import sys

import numpy as np
import PIL.Image
import pytest
import tensorflow as tf
from common import tiny

from tfmodels.export import saved_model
from tfmodels.launcher import building, cli, pages

# Of each line, an export and two files: loads it with TensorFlow alone, calls each signature twice
# with the inputs of the first file and saves the answers in the second.
BARE = """
import sys
sys.modules["keras"] = sys.modules["tfmodels"] = sys.modules["experiments"] = None
import numpy as np, tensorflow as tf
for line in sys.stdin:
    export, given, saved = line.rstrip("\\n").split("\\t")
    inputs, loaded, answers = np.load(given), tf.saved_model.load(export), {}
    for name, function in loaded.signatures.items():
        for turn in ("first", "second"):
            given = {key.split("/")[1]: tf.constant(inputs[key])
                     for key in inputs if key.split("/")[0] == name}
            for key, value in function(**given).items():
                value = value.numpy()
                answers[f"{turn}/{name}/{key}"] = (
                    value.astype("S") if value.dtype == object else value)
    np.savez(saved, **answers)
    print("saved", flush=True)
"""


@pytest.fixture(scope="module", params=pages.names())
def experiment(request):
    """Each experiment in turn."""
    return request.param


@pytest.fixture(scope="module")
def resumed(experiment, runs, data_dir, tmp_path_factory):
    """Ends a copy of the run that a kill at step 6 left with the checkpoint of step 4.

    Returns:
        The copy's folder, what was printed, and the task in the state of the end.
    """
    copy = tmp_path_factory.mktemp("resumed") / experiment / "täst"
    shutil.copytree(runs(experiment), copy)
    for path in (copy / "checkpoints" / "step-00000006", copy / "export", copy / "test"):
        shutil.rmtree(path)
    (copy / "metrics.json").unlink()
    tasks, build = [], building.build_task

    def build_and_keep(*args):
        tasks.append(build(*args))
        return tasks[-1]
    with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stdout(io.StringIO()) as out:
        patch.setattr(building, "build_task", build_and_keep)
        assert cli.main(["launch.py", f"--experiment={experiment}", "--run=täst",
                         f"--logdir={copy.parents[1]}", *tiny(experiment),
                         f"--data_dir={data_dir}"]) == 0
    return copy, out.getvalue(), tasks[0][0]


@pytest.fixture(scope="module")
def bare(tmp_path_factory):
    """Answers by an export for inputs {signature/name: array}, in a process that has no Keras."""
    process = subprocess.Popen([sys.executable, "-c", BARE], stdin=subprocess.PIPE,
                               stdout=subprocess.PIPE, encoding="utf-8")
    folder = tmp_path_factory.mktemp("bare")

    def answer(export, inputs):
        np.savez(folder / "inputs.npz", **inputs)
        process.stdin.write(f"{export}\t{folder}/inputs.npz\t{folder}/answers.npz\n")
        process.stdin.flush()
        assert process.stdout.readline() == "saved\n"
        return dict(np.load(folder / "answers.npz"))
    yield answer
    process.stdin.close()
    assert process.wait() == 0


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


def test_killed_in_the_middle_it_ends_in_the_same_state(experiment, runs, resumed):
    copy, out, _ = resumed
    assert "continuing at step 4" in out
    straight, continued = (json.loads((run / "metrics.json").read_text())
                           for run in (runs(experiment), copy))
    assert continued["variables_sha256"] == straight["variables_sha256"]
    assert continued["metrics"] == straight["metrics"]


def test_export_in_a_bare_process_answers_like_the_live_model(experiment, runs, resumed, bare):
    _, _, task = resumed
    answers = bare(runs(experiment) / "export" / "1", {
        f"{signature}/{name}": value for signature, function in task.signatures.items()
        for name, value in _example_inputs(task, function).items()})
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
    assert "learning_rate: the run has" in err


def test_samples_follow_from_the_seed_where_the_export_has_some(
        experiment, runs, resumed, launch, tmp_path, monkeypatch):
    monkeypatch.setattr(saved_model, "load", functools.cache(saved_model.load))
    run, offered = runs(experiment), resumed[2].signatures

    def sample(name, seed):
        return launch("--mode=sample", f"--run={experiment}/täst", f"--logdir={run.parents[1]}",
                      "--count=10", "--length=8", f"--sample_seed={seed}",
                      f"--out={tmp_path / name}")
    if "sample" not in offered and "generate" not in offered:
        code, _, err = sample("a.png", 7)
        assert code == 1
        assert "generative" in err
        return
    kind = "texts" if "generate" in offered else "samples"
    contents = []
    for name, seed in (("a.png", 7), ("b.png", 7), ("c.png", 8)):
        code, out, err = sample(name, seed)
        assert code == 0, err
        assert f"10 {kind} in" in out
        contents.append((tmp_path / name).read_bytes())
    assert contents[0] == contents[1] != contents[2]
