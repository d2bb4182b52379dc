"""Writes README's table of scores from the metrics.json files of finished runs.

    python -m benchmarks.scores runs/gan/a runs/cnn/b    # adds or replaces those runs' rows
    python -m benchmarks.scores                          # writes the table again

The files are kept in benchmarks/results, one per experiment and data set, so that every figure in
the table can be traced to the run it came from.
"""

import json
import pathlib
import sys

RESULTS = pathlib.Path(__file__).parent / "results"
README = pathlib.Path(__file__).parents[1] / "README.md"
BEGIN, END = "<!-- scores: python -m benchmarks.scores -->\n", "<!-- end of scores -->\n"


def main(runs):
    """Takes in the runs' metrics and writes the table."""
    for run in map(pathlib.Path, runs):
        metrics = json.loads((run / "metrics.json").read_text(encoding="utf-8"))
        machine = json.loads((run / "manifest.json").read_text(encoding="utf-8"))["machine"]
        content = json.dumps(metrics | {"machine": machine}, indent=2, ensure_ascii=False) + "\n"
        name = f"{metrics['experiment']}-{metrics['dataset'].replace('/', '-')}.json"
        (RESULTS / name).write_text(content, encoding="utf-8")
    README.write_text(with_table(README.read_text(encoding="utf-8"), results()), encoding="utf-8")


def results():
    """Returns the kept metrics, in order of their files' names."""
    return [json.loads(path.read_text(encoding="utf-8")) for path in sorted(RESULTS.glob("*.json"))]


def with_table(readme, results):
    """Returns README's text with the table of `results` between its markers."""
    before, _, rest = readme.partition(BEGIN)
    _, _, after = rest.partition(END)
    return before + BEGIN + table(results) + END + after


def table(results):
    """Returns the Markdown table of a list of metrics."""
    lines = ["| experiment | data | score on the test split | baselines | parameters | time |",
             "|---|---|---|---|---|---|"]
    for result in results:
        scores = _scores(result["metrics"])
        baselines = "; ".join(f"{name.replace('_', ' ')}: {_scores(found)}"
                              for name, found in result["baselines"].items())
        minutes = f"{result['seconds'] / 60:.1f} min"
        lines.append(f"| `{result['experiment']}` | `{result['dataset']}` | {scores} | {baselines} "
                     f"| {result['parameters']:,} | {result['step']:,} steps, {minutes} |")
    machine = results[0]["machine"] if results else {}
    note = (f"\nMeasured on {machine.get('cores')} cores of an {machine.get('processor')}; the "
            "time is that of the whole command without the final scoring.\n")
    return "\n".join(lines) + "\n" + note


def _scores(metrics):
    """Returns `accuracy 0.98, loss 0.06` of a dict of test metrics."""
    return ", ".join(f"{name.removeprefix('test_').replace('_', ' ')} {value:.4g}"
                     for name, value in metrics.items())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
