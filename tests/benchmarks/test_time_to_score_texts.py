"""The peers that read texts: what they read, what their recipes log, and how that is scored."""

import json
import math

import numpy as np
import pytest

from benchmarks.time_to_score import comparison, logs, small_text, texts, translations
from benchmarks.time_to_score.cases import CASES
from tfmodels.data.load import load
from tfmodels.evaluation import text_scores
from tfmodels.tasks import language_model


@pytest.fixture
def read(data_dir, tmp_path):
    """Returns a function that writes what a recipe reads and returns it."""
    def written(keys, dataset):
        texts.main([keys, dataset, data_dir, tmp_path / "data.json"])
        return json.loads((tmp_path / "data.json").read_text())
    return written


def test_a_recipe_reads_the_texts_and_labels_of_both_splits(read, data_dir):
    found = read("text,label", "tiny_verses")
    splits = load("tiny_verses", data_dir, ("text", "label")).splits
    for part in ("train", "validation"):
        arrays = splits[part].arrays()
        assert found[f"x_{part}"] == [text.decode() for text in arrays["text"]]
        assert found[f"y_{part}"] == arrays["label"].tolist()


def test_of_running_text_the_recipe_is_scored_on_what_our_validation_scores(
        read, data_dir, monkeypatch):
    monkeypatch.setattr(language_model, "_VALIDATED", 300)
    found = read("text", "tiny_verses")
    assert found.keys() == {"x_train", "x_validation"}
    sizes = [len(text.encode()) for text in found["x_validation"]]
    assert sum(sizes[:-1]) < 300 <= sum(sizes)
    assert sum(map(len, found["x_train"])) > 10_000


def test_the_small_text_is_the_first_of_a_larger_one_in_lower_case(
        data_dir, tmp_path, monkeypatch):
    monkeypatch.setattr(small_text, "_CHARACTERS", 2000)
    small_text.main(["tiny_verses", data_dir, tmp_path / "small"])
    splits = load(str(tmp_path / "small"), tmp_path / "prepared", ("text",)).splits
    whole = load("tiny_verses", data_dir, ("text",)).splits
    train = {text.decode() for text in splits["train"].texts()}
    assert 1500 < sum(len(text) + 1 for text in train) <= 2000
    first = [text.decode().lower() for text in whole["train"].texts()][:len(train)]
    assert train == set(first)  # in an order of its own
    for part in ("validation", "test"):
        assert {*splits[part].texts()} == {text.lower() for text in whole[part].texts()}


def test_words_are_laid_out_as_those_of_imdb(recipe):
    words = recipe("imdb_words", _VOCABULARY=5, _LENGTH=3)
    (rows, labels), (others, _) = words.load_data({
        "x_train": ["The end, the END!", "the end of the day"], "y_train": [1, 0],
        "x_validation": ["end", "a day of the end"], "y_validation": [0, 1]})
    the, end = 2, 3  # 0 is padding, 1 any other word
    assert rows.tolist() == [[end, the, end], [rows[1, 0], the, 1]]
    assert others[0].tolist() == [0, 0, end]
    assert others[1].tolist()[1:] == [the, end]
    assert labels.tolist() == [1, 0]


@pytest.mark.parametrize("name", ["transformer", "rnn"])
def test_a_classifier_logs_its_accuracy_after_each_epoch(run, name):
    data = {}
    for part, count in (("train", 20), ("validation", 6)):
        data |= {f"x_{part}": ["in the beginning", "and he said", "three more words"] * count,
                 f"y_{part}": [0, 1, 2] * count}
    lines = run(CASES[name].recipe, data)
    assert len(lines) == 2
    assert all(0 <= line["score"] <= 1 for line in lines)


def test_the_lstm_is_scored_on_each_character_of_the_validation_texts(run, monkeypatch):
    import keras
    given = {"x_train": ["Abcd" * 20], "x_validation": ["abdc", "dab"]}
    scored = []

    def predict_on_batch(_, x):
        scored.extend(x.argmax(-1))
        return np.full([len(x), 5], 0.2, np.float32)  # of 5 characters, with the line feed
    monkeypatch.setattr(keras.Sequential, "predict_on_batch", predict_on_batch)
    lines = run("lstm_character_level_text_generation", given, _EPOCHS=1)
    assert [line["score"] for line in lines] == [pytest.approx(math.log(5), rel=1e-5)]
    text = "abcd" * 20 + "\n" + "abdc\ndab\n"
    ids = ["\nabcd".index(character) for character in text]
    assert [window.tolist() for window in scored] == [
        ids[place - 40:place] for place in range(81, 90)]


def test_the_translations_are_scored_as_our_validation_scores(run, read, tmp_path, data_dir):
    data = read("source,target", "tiny_pairs")
    lines = run("neural_machine_translation_with_transformer", _EPOCHS=2, _WORDS=400, _UNITS=16,
                _WIDTH=8, _HEADS=2)
    assert [line["file"] for line in lines] == ["log-0001.json", "log-0002.json"]
    written = json.loads((tmp_path / lines[-1]["file"]).read_text())
    assert list(written) == list(dict.fromkeys(data["x_validation"]))
    right = dict(zip(data["x_validation"], data["y_validation"], strict=True))
    (tmp_path / "log-0001.json").write_text(json.dumps(right))
    translations.main(["tiny_pairs", data_dir, tmp_path / "log.jsonl"])
    best, last = logs.read(tmp_path / "log.jsonl")
    assert (best["score"], last["clock"]) == (pytest.approx(100), lines[-1]["clock"])
    recorded = text_scores.references(**load("tiny_pairs", data_dir, (
        "source", "target")).splits["validation"].arrays())
    assert last["score"] == text_scores.scores(
        [written[source.decode()] for source in recorded], [*recorded.values()])["chrf"]


def test_both_sides_learn_from_the_small_text(monkeypatch, tmp_path):
    modules, commands = [], []

    def run_program(command):
        commands.append(list(map(str, command)))
        if "launch.py" not in commands[-1][1]:
            command[-1].write_text('{"clock": 103, "score": 2.5}\n{"clock": 109, "score": 1.5}\n')
        return 100, 1.5
    monkeypatch.setattr(comparison, "_module", lambda *words: modules.append(words))
    monkeypatch.setattr(comparison, "_run", run_program)
    monkeypatch.setattr(comparison, "_validations", lambda run, tag: [(102, 2.0), (103, 1.5)])
    figures = comparison.main(["--experiment=char_rnn", "--rounds=1", "--data_dir=sets",
                               f"--out={tmp_path}"])["char_rnn"]
    (first, name, data_dir, corpus), (_, keys, dataset, prepared, _) = modules
    assert (first, name, data_dir, keys) == ("small_text", "kjv_verses", "sets", "text")
    assert dataset == corpus
    assert {f"--dataset={corpus}", f"--data_dir={prepared}"} < set(commands[1])
    assert prepared != "sets"
    assert (figures["dataset"], figures["ratio"]) == ("kjv_verses", 3)
