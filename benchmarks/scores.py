"""README's tables of scores, from the metrics.json files of finished runs.

    python -m benchmarks.scores runs/gan/a runs/cnn/b    # keeps those runs' metrics
    python -m benchmarks.tables                          # writes the tables

The files are kept in benchmarks/results/scores, one per experiment and data set, with the command,
date, machine and versions, so that every figure can be traced to the run it came from.
"""

import dataclasses
import json
import pathlib
import shlex
import sys

from benchmarks import records
from tfmodels import config

# Of the scorecard's metrics, the first table shows these alone.
_CHOSEN = ("test_frechet_distance", "test_precision", "test_recall", "test_confident_share")
# Flags that every experiment has and that leave its model the same.
_COMMON = {field.name for field in dataclasses.fields(config.Config)} - {"init_from", "freeze"}


def main(runs):
    """Takes in the runs' metrics."""
    for run in map(pathlib.Path, runs):
        take_in(run, records.FOLDER)


def take_in(run, folder):
    """Writes a run's metrics and where they came from to FOLDER/scores."""
    metrics, manifest = (json.loads((run / file).read_text(encoding="utf-8"))
                         for file in ("metrics.json", "manifest.json"))
    _, *flags = shlex.split(manifest["command"])
    kept = metrics | {
        "variant": variant(manifest), "date": manifest["created"],
        "command": records.command(["python", "launch.py", *flags]),
        **{name: manifest[name] for name in ("machine", "versions", "revision")}}
    name = f"{metrics['experiment']}-{metrics['dataset']}{kept['variant']}".replace("/", "-")
    (folder / "scores" / f"{name.replace(' ', '')}.json").write_text(
        json.dumps(kept, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def variant(manifest):
    """Returns the flags that make a run another model, such as ` --architecture=dense`."""
    return "".join(f" --{name}={setting['value']}"
                   for name, setting in sorted(manifest["settings"].items())
                   if setting["from"] == "flag" and name not in _COMMON)


def table(results):
    """Returns the Markdown table of {name: metrics}."""
    lines = ["| experiment | data | score on the test split | baselines | parameters | time |",
             "|---|---|---|---|---|---|"]
    for result in results.values():
        hidden = set(result.get("intervals", ())).difference(_CHOSEN)
        scores = _scores(result["metrics"], hidden)
        if "train" in result:
            scores += f" (on training examples: {_scores(result['train'], ())})"
        baselines = "; ".join(f"{baseline(result, name)}: {_scores(found, hidden)}"
                              for name, found in result["baselines"].items())
        time = (f"{result['step']:,} steps, {result['seconds'] / 60:.1f} min on "
                f"{records.machine(result['machine'])}")
        lines.append(f"| {_model(result)} | `{result['dataset']}` | {scores} | {baselines} "
                     f"| {result['parameters']:,} | {time} |")
    return "\n".join([*lines, "", records.prose(
        "The time is that of the whole command without the final scoring. Each row's command and "
        "figures are kept in [benchmarks/results/scores](benchmarks/results/scores).")]) + "\n"


def scorecard(results):
    """Returns a Markdown table of every metric of generated images for each data set.

    Args:
        results: {name: metrics}.
    """
    drawn = [result for result in results.values() if _CHOSEN[0] in result["metrics"]]
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
