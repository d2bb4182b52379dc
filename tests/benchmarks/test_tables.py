"""Every table of figures in the documents is made from result files that say what made them."""

import re

import pytest
from common import ROOT

from benchmarks import generation, guards, records, tables, transfer
from benchmarks.speed import comparison, speed_table
from tfmodels.launcher import listing, pages

DOCUMENTS = sorted(path for folder in (ROOT, ROOT / "docs") for path in folder.glob("*.md"))
PARTS = {name: part for parts in tables.PARTS.values() for name, part in parts.items()}
BENCHMARKS = sorted({benchmark for benchmark, _ in PARTS.values()})


def tables_of_figures(text):
    """Returns the rows of Markdown tables with a figure: a cell that holds a decimal number."""
    return [line for line in text.splitlines()
            if line.lstrip().startswith("|") and re.search(r"\d\.\d", line)]


def by_hand(text):
    """Returns a page's text without the generated parts."""
    for name in PARTS:
        begin, end = tables.markers(name)
        text = re.sub(re.escape(begin) + ".*?" + re.escape(end), "", text, flags=re.DOTALL)
    return text


def test_each_file_is_byte_for_byte_what_the_result_files_say():
    made = tables.regenerated()
    assert made == {path: path.read_bytes().decode("utf-8") for path in made}
    assert listing.RESULTS in made


@pytest.mark.parametrize("page", DOCUMENTS, ids=lambda page: page.name)
def test_a_generated_part_stands_in_its_own_document_alone(page):
    text = page.read_text(encoding="utf-8")
    shown = re.findall(r"<!-- (\w+): python -m benchmarks.tables -->", text)
    assert shown == list(tables.PARTS.get(page.relative_to(ROOT).as_posix(), ()))


@pytest.mark.parametrize("page", DOCUMENTS, ids=lambda page: page.name)
def test_no_table_of_figures_is_written_by_hand(page):
    assert tables_of_figures(by_hand(page.read_text(encoding="utf-8"))) == []


def test_a_table_of_figures_is_told_by_a_decimal_number_in_a_cell():
    begin, end = tables.markers("speed")
    meanings = "| code | meaning |\n|---|---|\n| 0 | done in 0 steps |\n"
    figures = "| a |\n|---|\n| 1.59 |\n"
    page = f"1.5 minutes\n{meanings}{begin}{figures}{end}{figures}"
    assert tables_of_figures(by_hand(page)) == ["| 1.59 |"]
    assert tables_of_figures("  | a | 0.5% of all |") != []


def test_every_result_file_is_shown_and_says_what_made_it():
    assert sorted(path.name for path in records.FOLDER.iterdir()) == [
        name for name in BENCHMARKS if records.read(name)]
    for benchmark in BENCHMARKS:
        for record in records.read(benchmark).values():
            assert record["machine"]["processor"]
            if benchmark == "scores":
                assert record["command"].startswith("python launch.py --experiment=")
                assert record["experiment"] in pages.names()
                assert record["metrics"]
            else:
                assert record["command"].startswith(f"python -m benchmarks.{benchmark}")
                assert re.fullmatch(r"\d{4}-\d\d-\d\d.*", record["date"])
                assert record["figures"]


def test_a_part_without_its_markers_is_refused():
    begin, end = tables.markers("speed")
    assert tables.with_part(f"a\n{begin}old\n{end}b\n", "speed", "new\n") == (
        f"a\n{begin}new\n{end}b\n")
    for page in ("", begin, end, begin + end + begin):
        with pytest.raises(ValueError, match="speed"):
            tables.with_part(page, "speed", "new\n")


def test_a_benchmark_without_files_has_an_empty_part(tmp_path):
    empty = {tmp_path / document: "".join("".join(tables.markers(name)) for name in parts)
             for document, parts in tables.PARTS.items()}
    for path, text in empty.items():
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    assert tables.regenerated(tmp_path, tmp_path) == empty | {listing.RESULTS: "{}\n"}


def test_a_record_is_read_as_it_was_written(tmp_path):
    records.write(tmp_path, "guards", "dense", ["--rounds=2", f"--out={tmp_path}"], {"added": 1.5})
    record = records.read("guards", tmp_path)["dense"]
    assert record["figures"] == {"added": 1.5}
    assert record["command"] == "python -m benchmarks.guards --rounds=2"
    assert record["machine"]["cores"] > 0
    assert record["versions"]["keras"]
    records.write(None, "guards", "other", [], {})
    assert list(records.read("guards", tmp_path)) == ["dense"]


@pytest.mark.parametrize(("words", "expected"), [
    (["a", "--out", "x", "--steps=2"], "a --steps=2"),
    (["a", "--data_dir=/x y", "--models=b,c"], "a --models=b,c"),
    (["a", "--outer=1", "it's"], """a --outer=1 'it'"'"'s'""")])
def test_places_are_no_part_of_a_command(words, expected):
    assert records.command(words) == expected


def made(command, **more):
    """A record."""
    return {"command": command, "date": "2026-11-27T03:00:00+00:00",
            "machine": {"processor": "AMD EPYC", "cores": 2}} | more


def test_origin_names_each_command_once_with_what_it_made():
    assert records.origin({"a": made("x"), "b": made("x")}) == (
        "Made on 2 cores of an AMD EPYC, 2026-11-27 by `x`.")
    assert records.origin({"a": made("x"), "b": made("y"), "c": made("x")}) == (
        "Made on 2 cores of an AMD EPYC, 2026-11-27 by `x` (`a`, `c`), `y` (`b`).")
    assert "transcribed from an old page" in records.origin(
        {"a": made("x", transcribed="an old page")})


def test_code_in_prose_is_not_broken():
    lines = records.prose("word " * 19 + "`python -m this` and that", "  ").splitlines()
    assert lines[1] == "  `python -m this` and that"


def test_sentences_hold_what_was_measured():
    figures = {"tokens": 256, "ratio": 9.96}
    assert "256 tokens 10 times as fast" in generation.markdown(
        {"gpt": made("x", figures=figures)}).replace("\n", " ")
    said = guards.markdown({"dense": made("x", figures={"steps": 1000, "added": {
        "guards": 1.24, "guards and checkpoints": 3.0}})})
    assert said.startswith("To 1,000 steps of `dense` guards add 1.2%, guards and checkpoints add "
                           "3.0% of time. Made ")


def test_transfer_has_the_mean_and_the_deviation_over_the_seeds():
    rows = [{"what": "20 steps", "scratch": scratch, "transfer": 0.9} for scratch in (0.7, 0.8, 1)]
    lines = transfer.markdown({"digits": made("x", figures={
        "about": "digits", "means": transfer.means(rows)})}).splitlines()
    assert lines[2] == "| digits: 20 steps | 83.3% ± 15.3 | 90.0% ± 0.0 | 2 of 3 seeds |"


def test_every_speed_says_what_differs_between_its_sides():
    named = [name for names in speed_table.DIFFERENCES for name in names]
    assert sorted(named) == sorted(comparison.STEPS)
    said = "\n".join(speed_table.notes({"gan": {"sides": {}}}))
    assert "two passes of the generator" in said.replace("\n  ", " ")
