"""The tables of scores: one score of each experiment, the chosen metrics, the whole card."""

import json

import pytest

from benchmarks import records, scores


def result(experiment, extra):
    """A result with a card, as metrics.json holds it."""
    metrics = {"test_frechet_distance": 5.976, "test_precision": 0.8125, "test_density": 0.9}
    return {"experiment": experiment, "dataset": "mnist_10k", "step": 10, "seconds": 60,
            "parameters": 1000, "extractor": "428af235fcc5" + "0" * 52, "machine": {},
            "metrics": metrics | extra, "intervals": {name: [0.5, 7] for name in metrics},
            "baselines": {"real_images": {"test_frechet_distance": 4.5, "test_density": 0.85}}}


RESULTS = {name: result(name, extra) for name, extra in (
    ("gan", {}), ("vae", {"test_elbo": -101.5}))}


def test_scores_show_the_chosen_metrics_and_those_that_are_no_part_of_the_card():
    _, _, gan, vae, *_ = scores.table(RESULTS).splitlines()
    assert "| frechet distance 5.976, precision 0.8125 | real images: frechet distance 4.5 |" in gan
    assert "precision 0.8125, elbo -101.5 |" in vae


def test_scores_on_training_examples_are_in_brackets():
    found = result("dialogue", {}) | {"train": {"exact_match": 0.953, "sources": 601}}
    assert "(on training examples: exact match 0.953, sources 601) |" in scores.table({"a": found})


def test_card_has_a_row_for_each_metric_and_a_column_for_each_experiment():
    assert scores.scorecard(RESULTS).splitlines() == [
        "| metric | `gan` | `vae` | real images |",
        "|---|---|---|---|",
        "| frechet distance | 5.98 [0.5, 7] | 5.98 [0.5, 7] | 4.5 |",
        "| precision | 0.812 [0.5, 7] | 0.812 [0.5, 7] | - |",
        "| density | 0.9 [0.5, 7] | 0.9 [0.5, 7] | 0.85 |",
        "| elbo | - | -102 | - |",
        "",
        "On `mnist_10k`, by extractor `428af235fcc5`; in brackets 95% intervals."]


def test_experiments_without_generated_images_have_no_card():
    assert scores.scorecard({"a": {"dataset": "a", "metrics": {"test_loss": 1.0}}}) == ""


def test_a_variant_is_named_by_its_own_flags():
    manifest = {"settings": {
        "steps": {"value": 5, "from": "flag"}, "width": {"value": 4, "from": "default"},
        "architecture": {"value": "dense", "from": "flag"}}}
    assert scores.variant(manifest) == " --architecture=dense"
    row = scores.table({"a": result("gan", {}) | {"variant": scores.variant(manifest)}})
    assert "| `gan --architecture=dense` | `mnist_10k` |" in row


def test_a_run_is_taken_in_with_what_made_it(tmp_path):
    metrics = result("gan", {}) | {"experiment": "gan"}
    manifest = {
        "created": "2026-11-27T03:00:00+00:00", "revision": None, "versions": {"keras": "3.15.1"},
        "command": "/me/launch.py --experiment=gan --architecture=dense --logdir=/tmp/a --run b",
        "machine": {"processor": "AMD EPYC", "cores": 2},
        "settings": {"architecture": {"value": "dense", "from": "flag"}}}
    for name, content in (("metrics", metrics), ("manifest", manifest)):
        (tmp_path / f"{name}.json").write_text(json.dumps(content))
    (tmp_path / "scores").mkdir()
    scores.take_in(tmp_path, tmp_path)
    kept = records.read("scores", tmp_path)["gan-mnist_10k--architecture=dense"]
    assert kept["metrics"] == metrics["metrics"]
    assert kept["command"] == "python launch.py --experiment=gan --architecture=dense"
    assert kept["machine"] == manifest["machine"]
    assert (kept["date"], kept["versions"]) == (manifest["created"], manifest["versions"])


@pytest.mark.parametrize(("metrics", "baselines", "expected"), [
    ({"test_loss": 0.5, "test_accuracy": 0.981}, {"majority": 0.2, "linear_svm": 0.9},
     ("accuracy 0.981", "linear svm 0.9")),
    ({"test_frechet_distance": 8.5}, {"real_images": 5.149, "pixel_gaussian": 300.0},
     ("frechet distance 8.5", "real images 5.149")),
    ({"test_wer": 0.25, "test_cer": 0.1}, {}, ("wer 0.25", "no baseline"))])
def test_one_score_stands_for_a_result_beside_its_best_baseline(metrics, baselines, expected):
    metric = "test_" + expected[0].rpartition(" ")[0].replace(" ", "_")
    found = scores.headline({"metrics": metrics, "baselines": {
        name: {metric: value, "test_other": 1.0} for name, value in baselines.items()}})
    assert (found["score"], found["baseline"]) == expected


def test_the_default_command_comes_first_and_stands_alone_in_the_overview():
    about = {"seconds": 90, "machine": {"processor": "AMD EPYC", "cores": 2}}
    results = {name: result("cnn", {}) | about | {
        "dataset": dataset, "variant": variant, "command": f"{name} {dataset}{variant}"}
        for name, dataset, variant in (("a", "mnist", ""), ("b", "mnist_10k", ""),
                                       ("c", "mnist_10k", " --dropout=0.5"))}
    assert [row["command"] for row in scores.kept(results)["cnn"]] == [
        "b mnist_10k", "a mnist", "c mnist_10k --dropout=0.5"]
    rows = [line for line in scores.overview(results).splitlines() if "`cnn`" in line]
    assert rows == ["| classify | `cnn` | `mnist_10k` | frechet distance 5.976 "
                    "| real images 4.5 | 1.5 |"]
    del results["b"]
    assert "`cnn`" not in scores.overview(results)
