"""The tables of scores, from the metrics.json files of finished runs.

    python -m benchmarks.scores runs/gan/a runs/cnn/b    # keeps those runs' metrics
    python -m benchmarks.tables                          # writes the tables, and what --list shows

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
from tfmodels.launcher import listing, pages

# The metric that stands for an experiment where there is room for one: the first of these that it
# has, else the first of its own. And which of its baselines stands beside it: the best.
_HEADLINES = {"test_bits_per_char": min, "test_elbo": max, "test_frechet_distance": min,
              "test_accuracy": max, "test_r2": max, "test_chrf": max, "test_mse": min,
              "test_loss": min}
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


def kept(results):
    """Returns what `--list` and `--help` show of {name: metrics}: {experiment: rows}.

    A row has `score` and `baseline` in words, and by which `command`, in how many `minutes` and on
    which `machine` it was reached. The row of the `default` command comes first, if there is one.
    """
    rows = {}
    for result in sorted(results.values(), key=lambda result: not _is_default(result)):
        rows.setdefault(result["experiment"], []).append(
            {"default": _is_default(result), **headline(result),
             "minutes": round(result["seconds"] / 60, 1),
             "machine": records.machine(result["machine"]), "command": result["command"]})
    return rows


def _is_default(result):
    """Tells whether a result is that of an experiment on its own data set, as its page stands."""
    return (not result.get("variant")
            and result["dataset"] == _usual_data(result["experiment"]))


def _usual_data(experiment):
    """Returns the data set that an experiment takes if not told otherwise."""
    return pages.config_class(experiment)().dataset


def headline(result):
    """Returns a result's `score`, `accuracy 0.988`, and `baseline`, `logistic regression 0.882`."""
    metrics = result["metrics"]
    metric = next((name for name in _HEADLINES if name in metrics), next(iter(metrics)))
    beside = {name.replace("_", " "): scores[metric]
              for name, scores in result["baselines"].items() if metric in scores}
    best = _HEADLINES.get(metric, max)(beside, key=beside.get, default=None)
    return {"score": f"{_name(metric)} {metrics[metric]:.4g}",
            "baseline": f"{best} {beside[best]:.4g}" if best else "no baseline"}


def overview(results):
    """Returns README's table: the default command of each experiment, one score of each."""
    rows = {name: row for name, (row, *_) in kept(results).items() if row["default"]}
    lines = ["| | experiment | data | score on the test split | baseline | minutes |",
             "|---|---|---|---|---|---|"]
    for group, names in listing.grouped(rows).items():
        for name in names:
            row = rows[name]
            lines.append(f"| {group} | `{name}` | `{_usual_data(name)}` | {row['score']} "
                         f"| {row['baseline']} | {row['minutes']:.1f} |")
            group = ""  # said once
    machines = {}
    for name, row in rows.items():
        machines.setdefault(row["machine"], []).append(f"`{name}`")
    usual = max(machines, key=lambda machine: len(machines[machine]), default="")
    others = "".join(f"; {', '.join(names)} on {machine}" for machine, names in machines.items()
                     if machine != usual)
    return "\n".join([*lines, "", records.prose(
        f"Minutes of the whole command without the final scoring on {usual}{others}.")]) + "\n"


def table(results):
    """Returns the Markdown table of every score of {name: metrics}."""
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
        "figures are kept in [benchmarks/results/scores](../benchmarks/results/scores).")]) + "\n"


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
