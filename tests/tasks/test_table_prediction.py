"""A table's run: the model beside NumPy and scikit-learn, its export on raw rows, resume."""

import collections
import contextlib
import csv
import io
import json
import random
import shutil
import types

import numpy as np
import pytest
import sklearn.metrics
import sklearn.preprocessing
import tensorflow as tf
from common import TINY

from tfmodels.evaluation import table_baselines
from tfmodels.export import saved_model
from tfmodels.export.named_signature import input_names
from tfmodels.launcher import building, cli

HEADER = ["size (m²)", "age", "zone", "heat.type", "price"]


@pytest.fixture(scope="module")
def run(tmp_path_factory, data_dir):
    """Trains `dense` on a table of numbers and categories, some of them missing."""
    folder, draw, tasks = tmp_path_factory.mktemp("table"), random.Random(0), []
    with open(folder / "houses.csv", "w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(HEADER)
        for index in range(150):
            size, zone = draw.gauss(120, 40), draw.choice("ABC")
            rows.writerow([f"{size:.1f}" if index % 6 else "", draw.randint(1, 90), zone,
                           draw.choice(["gas", "oil", "", "rare" if index == 5 else "gas"]),
                           f"{3000 * size + 50000 * 'ABC'.index(zone):.0f}"])
    flags = ["launch.py", "--experiment=dense", "--run=a", f"--dataset={folder / 'houses.csv'}",
             "--label_column=price", "--hidden_units=8", *TINY, "--batch_size=500",
             f"--data_dir={data_dir}", f"--logdir={folder}"]
    build = building.build_task

    def build_and_keep(*args):
        tasks.append(build(*args))
        return tasks[-1]
    with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stdout(io.StringIO()) as out:
        patch.setattr(building, "build_task", build_and_keep)
        assert cli.main(flags) == 0
    return types.SimpleNamespace(folder=folder, path=folder / "dense" / "a", flags=flags,
                                 task=tasks[0][0], out=out.getvalue())


def _by_numpy(run, numbers, categories):
    """Returns what the run's network predicts of raw rows: [N, 2] and lists of texts."""
    train = run.task.data.splits["train"].arrays()
    scaler = sklearn.preprocessing.StandardScaler().fit(train["numbers"])
    parts = [np.nan_to_num(scaler.transform(numbers)), np.isnan(numbers[:, :1])]
    weights = {variable.path: variable.numpy() for variable in run.task.model.variables}
    for place, texts in enumerate(categories):
        counted = collections.Counter(train["categories"][:, place])
        known = sorted((-count, text) for text, count in counted.items() if text and count > 1)
        ids = {text.decode(): 2 + index for index, (_, text) in enumerate(known)} | {"": 0}
        parts.append(weights[f"category_{place}/embeddings"][[ids.get(text, 1) for text in texts]])
    x = np.concatenate(parts, 1)
    linear = x @ weights["linear/kernel"]
    for layer in ("hidden_0", "hidden_1"):
        x = np.maximum(x @ weights[f"{layer}/kernel"] + weights[f"{layer}/bias"], 0)
    scaled = (linear + x @ weights["logits/kernel"] + weights["logits/bias"])[:, 0]
    return scaled * np.std(train["value"]) + np.mean(train["value"])


def test_the_export_answers_raw_columns_as_numpy_and_scikit_learn_do(run):
    numbers = np.array([[80.0, 3], [np.nan, 50], [np.inf, np.nan], [300.5, 90]], np.float32)
    zones, heats = ["A", " C ", "unseen", "NA"], ["gas", "", "rare", "oil"]
    loaded = tf.saved_model.load(str(run.path / "export" / "1"))
    found = loaded.signatures["serving_default"](
        size_m2=tf.constant(numbers[:, 0]), age=tf.constant(numbers[:, 1]),
        zone=tf.constant(zones), heat_type=tf.constant(heats))["value"].numpy()
    numbers[2, 0] = np.nan
    expected = _by_numpy(run, numbers, [["A", "C", "unseen", ""], ["gas", "", "rare", "oil"]])
    np.testing.assert_allclose(found, expected, rtol=1e-5)
    assert len(set(found)) == 4


def test_the_scores_are_those_of_scikit_learn_in_the_unit_of_the_label(run):
    metrics = json.loads((run.path / "metrics.json").read_text())
    test = run.task.data.splits["test"].arrays()
    predicted = _by_numpy(run, test["numbers"],
                          [[text.decode() for text in column] for column in test["categories"].T])
    for name, score in (("r2", sklearn.metrics.r2_score),
                        ("rmse", sklearn.metrics.root_mean_squared_error),
                        ("mae", sklearn.metrics.mean_absolute_error)):
        assert metrics["metrics"][f"test_{name}"] == pytest.approx(
            score(test["value"], predicted), rel=1e-4)
    assert metrics["errors"] == {}
    assert metrics["baselines"]["linear"]["test_r2"] > 0.9
    assert metrics["baselines"]["mean_value"]["test_r2"] < 0.1
    assert (run.path / "samples").glob("*predictions*")


def test_defaults_are_those_of_tables_and_a_batch_holds_all_of_few_rows(run):
    settings = json.loads((run.path / "manifest.json").read_text())["settings"]
    assert settings["weight_decay"] == {"value": 4.0, "from": "default"}
    source = run.task.source
    assert source.batches(10**6, 0)(tf.constant(0, tf.int64))["value"].shape == [source.split.size]


def test_a_stopped_run_continues_bit_for_bit(run):
    copy = run.folder / "again" / "dense" / "a"
    shutil.copytree(run.path, copy)
    for path in (copy / "checkpoints" / "step-00000006", copy / "export", copy / "test"):
        shutil.rmtree(path)
    (copy / "metrics.json").unlink()
    with contextlib.redirect_stdout(io.StringIO()) as out:
        assert cli.main([*run.flags[:-1], f"--logdir={copy.parents[1]}"]) == 0
    assert "continuing at step 4" in out.getvalue()
    straight, continued = (json.loads((path / "metrics.json").read_text())
                           for path in (run.path, copy))
    assert continued["variables_sha256"] == straight["variables_sha256"]
    assert continued["metrics"] == straight["metrics"]


def test_inputs_of_an_export_are_names_that_differ_in_more_than_case():
    assert input_names(["a b", "A.b", "Größe (m²)", "日本", "1st", "self", "lambda", "ok_1"]) == [
        "a_b", "A_b_2", "Groe_m2", "column_4", "column_1st", "column_self", "column_lambda", "ok_1"]


def test_baselines_answer_for_missing_and_unseen_categories_and_for_classes():
    draw = np.random.default_rng(0)

    def part(count):
        numbers = draw.normal(size=(count, 2)).astype(np.float32)
        label = (numbers[:, 0] > 0).astype(np.int32)
        numbers[::7, 1] = np.nan
        return {"numbers": numbers, "label": label,
                "categories": draw.choice([b"p", b"q", b""], (count, 1)).astype(object)}
    train, validation, test = part(200), part(50), part(80)
    test["categories"][3, 0], test["label"][5] = b"unseen", 2  # a class that training lacks
    for baseline in (table_baselines.linear, table_baselines.gradient_boosting):
        scores = baseline(train, validation, test)
        assert 0.9 < scores["accuracy"] < 1
        assert np.isfinite(scores["loss"])


def test_export_can_be_loaded_by_the_package_too(run):
    signature = saved_model.load(run.path / "export")["serving_default"]
    assert sorted(signature.inputs) == ["age", "heat_type", "size_m2", "zone"]
