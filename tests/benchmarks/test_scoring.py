"""The cost of scoring at sizes of data sets: what is made, what is measured, how it is shown."""

import csv

import numpy as np

from benchmarks import scoring


def test_made_sets_have_what_they_are_asked_for(tmp_path):
    scoring.make_images(tmp_path, 50, 3)
    made = np.load(tmp_path / "made.npz")
    assert made["images"].shape == (50, 28, 28, 1)
    assert set(made["labels"]) == {0, 1, 2}
    # The noise, 0 to 127, lies over a pattern of 4x4 pixels that is the same for all of a class.
    blocks = made["images"][made["labels"] == 1].reshape(-1, 7, 4, 7, 4)
    assert (np.ptp(blocks.astype(int), axis=(0, 2, 4)) < 128).all()
    scoring.make_images(tmp_path, 2, 2, side=33)
    assert np.load(tmp_path / "made.npz")["images"].shape == (2, 33, 33, 3)
    scoring.make_sentences(tmp_path, 400, 4)
    with (tmp_path / "made.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert {each["label"] for each in rows} == {"0", "1", "2", "3"}
    assert {len(each["text"].split()) for each in rows} == {13}
    right = np.mean([each["text"].endswith(f"c{each['label']}") for each in rows])
    assert 0.75 < right < 0.95  # 0.8 and a quarter of the others


def test_figures_are_shown_by_examples_classes_and_sides():
    about = {"command": "python -m benchmarks.scoring", "date": "2026-01-02",
             "machine": {"cores": 2, "processor": "Z"}}
    cost = {f"cpu_{part}": 0.0234 for part in ("preparing", "building", "step", "validating")}
    cost |= {"cpu_scoring": 1234.5, "peak_gb": 1.26, "examples": 1000, "classes": 10}
    shown = scoring.markdown({"cnn": about | {"figures": {"sets": [cost]}},
                              "vae": about | {"figures": {"sets": [cost | {"side": 64}]}}})
    ends = "0.023 s | 0.023 s | 0.023 s | 0.023 s | 1,234 s | 1.3 GB |"
    assert f"| `cnn` | 1,000 | 10 | {ends}" in shown.partition("| experiment | images |")[0]
    assert f"| `vae` | 64x64 | {ends}" in shown.partition("| experiment | images |")[2]
    assert shown.endswith("an Z, 2026-01-02 by `python -m benchmarks.scoring`.\n")


def test_each_set_is_measured_once(monkeypatch, capsys):
    told = []

    def measured(function, case, *arguments):
        told.append((case, arguments[0]))
        return {}
    monkeypatch.setattr(scoring, "in_a_process", measured)
    scoring.main(["--examples=1000,10000", "--classes=2,10", "--sides=64"])
    assert [made for case, made in told if case == "cnn" and isinstance(made, dict)] == [
        {"examples": examples, "classes": classes}
        for examples, classes in ((1000, 10), (10_000, 10), (10_000, 2))]
    assert [made for case, made in told if case == "gan" and isinstance(made, dict)] == [
        {"examples": 1000, "classes": 10, "side": 64}]
    assert "transformer" in capsys.readouterr().out
