"""`--mode=evaluate` of a run of this command line."""

import json
import shutil

import pytest
from common import tiny


def test_run_without_a_finished_training_cannot_be_evaluated(launch, tmp_path, data_dir, runs):
    run = runs("dense")
    copy = tmp_path / "dense" / "half"
    copy.mkdir(parents=True)
    (copy / "manifest.json").write_bytes((run / "manifest.json").read_bytes())
    for mode in ("evaluate", "sample", "export"):
        code, _, err = launch(f"--mode={mode}", "--run=dense/half", f"--logdir={tmp_path}")
        assert code == 7, mode
        assert str(copy) in err


def test_steps_of_a_damaged_manifest_are_not_compared(dense_run, launch, data_dir):
    manifest = json.loads((dense_run / "manifest.json").read_text())
    manifest["settings"]["steps"]["value"] = "120"
    (dense_run / "manifest.json").write_text(json.dumps(manifest))
    code, _, err = launch("--experiment=dense", "--run=täst", *tiny("dense"),
                          f"--logdir={dense_run.parents[1]}", f"--data_dir={data_dir}")
    assert code == 7
    assert "expected an integer as the run's steps" in err


@pytest.mark.parametrize(("file", "change", "says"), [
    ("manifest.json", lambda found: found.pop("data"), "'data'"),
    ("manifest.json", lambda found: found.pop("command"), "'command'"),
    ("manifest.json", lambda found: found.pop("precision"), "'precision'"),
    ("metrics.json", lambda found: found.clear(), "'metrics'")])
def test_a_damaged_file_of_a_run_is_named(file, change, says, dense_run, launch, data_dir):
    content = json.loads((dense_run / file).read_text())
    change(content)
    (dense_run / file).write_text(json.dumps(content))
    of_run = [f"--logdir={dense_run.parents[1]}", f"--data_dir={data_dir}"]
    for flags in (["--mode=evaluate", "--run=dense/täst"], ["--mode=reproduce", "--run=dense/täst"],
                  ["--experiment=dense", "--run=täst", *tiny("dense")]):
        code, _, err = launch(*flags, *of_run)
        assert code == 7
        assert f"{file} is damaged: expected its entry {says}" in err


def test_baselines_are_judged_again_by_another_extractor(runs, launch, data_dir, tmp_path):
    run = shutil.copytree(runs("vae"), tmp_path / "vae" / "täst")
    whole = json.loads((run / "metrics.json").read_text())
    for judged_by, again in (("of before", True), (whole["extractor"], False)):
        stale = whole | {"extractor": judged_by, "baselines": {"real_images": {}}}
        (run / "metrics.json").write_text(json.dumps(stale))
        assert launch("--mode=evaluate", "--run=vae/täst", f"--logdir={tmp_path}",
                      f"--data_dir={data_dir}")[0] == 0
        found = json.loads((run / "metrics.json").read_text())
        assert found["metrics"] == whole["metrics"]
        assert found["baselines"] == (whole if again else stale)["baselines"]
