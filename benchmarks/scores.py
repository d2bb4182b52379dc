"""Writes README's tables of scores from the metrics.json files of finished runs.

    python -m benchmarks.scores runs/gan/a runs/cnn/b    # adds or replaces those runs' rows
    python -m benchmarks.scores                          # writes the tables again

The files are kept in benchmarks/results, one per experiment and data set, so that every figure in
the table can be traced to the run it came from.
"""

import dataclasses
import json
import pathlib
import sys

from experiments import config

RESULTS = pathlib.Path(__file__).parent / "results"
README = pathlib.Path(__file__).parents[1] / "README.md"
SCORES = "<!-- scores: python -m benchmarks.scores -->\n", "<!-- end of scores -->\n"
SCORECARD = "<!-- scorecard: python -m benchmarks.scores -->\n", "<!-- end of scorecard -->\n"
# Of the scorecard's metrics, the first table shows these alone.
_CHOSEN = ("test_frechet_distance", "test_precision", "test_recall", "test_confident_share")
# Flags that every experiment has and that leave its model the same.
_COMMON = {field.name for field in dataclasses.fields(config.Config)} - {"init_from", "freeze"}


def main(runs):
    """Takes in the runs' metrics and writes the tables."""
    for run in map(pathlib.Path, runs):
        metrics = json.loads((run / "metrics.json").read_text(encoding="utf-8"))
        manifest = json.loads((run / "manifest.json").read_text(encoding="utf-8"))
        kept = metrics | {"variant": variant(manifest), "machine": manifest["machine"]}
        name = f"{metrics['experiment']}-{metrics['dataset']}{kept['variant']}".replace("/", "-")
        (RESULTS / f"{name.replace(' ', '')}.json").write_text(
            json.dumps(kept, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    text = with_part(README.read_text(encoding="utf-8"), SCORES, table(results()))
    README.write_text(with_part(text, SCORECARD, scorecard(results())), encoding="utf-8")


def variant(manifest):
    """Returns the flags that make a run another model, such as ` --architecture=dense`."""
    return "".join(f" --{name}={setting['value']}"
                   for name, setting in sorted(manifest["settings"].items())
                   if setting["from"] == "flag" and name not in _COMMON)


def results():
    """Returns the kept metrics, in order of their files' names."""
    return [json.loads(path.read_text(encoding="utf-8")) for path in sorted(RESULTS.glob("*.json"))]


def with_part(readme, markers, part):
    """Returns README's text with a generated part between its two markers."""
    begin, end = markers
    before, _, rest = readme.partition(begin)
    _, _, after = rest.partition(end)
    return before + begin + part + end + after


def table(results):
    """Returns the Markdown table of a list of metrics."""
    lines = ["| experiment | data | score on the test split | baselines | parameters | time |",
             "|---|---|---|---|---|---|"]
    for result in results:
        hidden = set(result.get("intervals", ())).difference(_CHOSEN)
        scores = _scores(result["metrics"], hidden)
        if "train" in result:
            scores += f" (on training examples: {_scores(result['train'], ())})"
        baselines = "; ".join(f"{baseline(result, name)}: {_scores(found, hidden)}"
                              for name, found in result["baselines"].items())
        machine = result["machine"]
        time = (f"{result['step']:,} steps, {result['seconds'] / 60:.1f} min on "
                f"{machine.get('cores')} cores of an {machine.get('processor')}")
        lines.append(f"| {_model(result)} | `{result['dataset']}` | {scores} | {baselines} "
                     f"| {result['parameters']:,} | {time} |")
    return "\n".join(lines) + ("\n\nThe time is that of the whole command without the final "
                               "scoring.\n")


def scorecard(results):
    """Returns a Markdown table of every metric of generated images for each data set."""
    drawn = [result for result in results if _CHOSEN[0] in result["metrics"]]
    return "\n".join(_card([result for result in drawn if result["dataset"] == dataset])
                     for dataset in dict.fromkeys(result["dataset"] for result in drawn))


def _card(results):
    """Returns one data set's table: a row for each metric, a column for each experiment."""
    floor = results[0]["baselines"]["real_images"]
    columns = ["metric", *map(_model, results), "real images"]
    lines = [f"| {' | '.join(columns)} |", "|" + "---|" * len(columns)]
    for metric in dict.fromkeys(name for result in results for name in result["metrics"]):
        cells = [_name(metric), *(_with_interval(result, metric) for result in results),
                 f"{floor[metric]:.3g}" if metric in floor else "-"]
        lines.append(f"| {' | '.join(cells)} |")
    by = {f"`{result['extractor'][:12]}`" for result in results if "extractor" in result}
    note = (f"\nOn `{results[0]['dataset']}`, by extractor {', '.join(sorted(by)) or 'unnamed'}; "
            "in brackets 95% intervals.\n")
    return "\n".join(lines) + "\n" + note


def baseline(result, name):
    """Returns `interpolated ngram (order 20)`: a baseline and what was chosen on validation."""
    settings = result.get("baseline_settings", {}).get(name, {})
    chosen = ", ".join(f"{setting} {value}" for setting, value in settings.items()
                       if not setting.startswith("validation_"))
    return name.replace("_", " ") + (f" ({chosen})" if chosen else "")


def _model(result):
    """Returns the name of a result's experiment, with the flags that make it another model."""
    return f"`{result['experiment']}{result.get('variant', '')}`"


def _with_interval(result, metric):
    """Returns `5.98 [5.1, 6.9]`, as much of it as there is."""
    if metric not in result["metrics"]:
        return "-"
    interval = result.get("intervals", {}).get(metric)
    return f"{result['metrics'][metric]:.3g}" + (
        " [{:.3g}, {:.3g}]".format(*interval) if interval else "")


def _scores(metrics, hidden):
    """Returns `accuracy 0.98, loss 0.06` of a dict of test metrics, without the hidden ones."""
    return ", ".join(f"{_name(name)} {value:.4g}" for name, value in metrics.items()
                     if name not in hidden)


def _name(metric):
    """Returns `frechet distance` of `test_frechet_distance`."""
    return metric.removeprefix("test_").replace("_", " ")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
