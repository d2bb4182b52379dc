"""A run can be reproduced from its manifest, and a difference is named."""

import json
import shutil


def _reproduce(launch, run):
    return launch("--mode=reproduce", f"--run=dense/{run.name}", f"--logdir={run.parents[1]}")


def test_equal_run_is_code_0_and_leaves_nothing_behind(runs, launch, tmp_path):
    copy = tmp_path / "dense" / "a"
    shutil.copytree(runs("dense"), copy)
    before = sorted(path for path in tmp_path.rglob("*"))
    code, out, err = _reproduce(launch, copy)
    assert code == 0, out + err
    assert "reproduced" in out
    assert sorted(path for path in tmp_path.rglob("*")) == before


def test_difference_is_named_with_its_size_and_the_environment(runs, launch, tmp_path):
    copy = tmp_path / "dense" / "a"
    shutil.copytree(runs("dense"), copy)
    metrics = json.loads((copy / "metrics.json").read_text())
    metrics["metrics"]["test_accuracy"] = 0.5
    metrics["variables_sha256"] = "0" * 64
    (copy / "metrics.json").write_text(json.dumps(metrics))
    manifest = json.loads((copy / "manifest.json").read_text())
    manifest["versions"]["keras"] = "2.0"
    (copy / "manifest.json").write_text(json.dumps(manifest))
    code, out, _ = _reproduce(launch, copy)
    assert code == 1
    assert "test_accuracy: was 0.5, now" in out
    assert "the final variables differ" in out
    assert "keras: was 2.0, now" in out


def test_changed_data_is_refused_by_name(runs, launch, tmp_path):
    copy = tmp_path / "dense" / "a"
    shutil.copytree(runs("dense"), copy)
    manifest = json.loads((copy / "manifest.json").read_text())
    manifest["data"]["splits"]["test"]["size"] = 3
    (copy / "manifest.json").write_text(json.dumps(manifest))
    code, _, err = _reproduce(launch, copy)
    assert code == 3
    assert "tiny_digits" in err
