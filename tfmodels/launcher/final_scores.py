"""Final metrics: how they are named in metrics.json and printed."""

import math

from tfmodels.errors import attempt


def test_entries(task, signatures, errors):
    """Returns what metrics.json says of an export on the test split: metrics as `test_…`.

    Args:
        task: the `Task`.
        signatures: of its export.
        errors: {what: why} of what failed before; the entry `errors` tells of what of it is no
            metric of the test split, too.
    """
    def score():
        split = task.data.splits["test"]
        return task.final(signatures, split) if task.final else {
            "metrics": task.evaluate(signatures, split)}

    errors = {name: why for name, why in errors.items() if not name.startswith("test")}
    found = attempt("test metrics", score, errors) or {"metrics": {}}
    return as_test_entries(found | {"errors": errors | {
        f"test_{name}": why for name, why in found.get("errors", {}).items()}})


def baselines(functions, errors):
    """Returns what metrics.json says of baselines.

    Args:
        functions: {baseline's name: function of no arguments -> scores}, as of `Task`.
        errors: dict, told of those that fail, which are left out.

    Returns:
        A dict: `baselines`, {name: scores as those of the test split}; `baseline_settings`,
        {name: {setting: value}} of those with settings chosen on the validation split;
        `not_converged`, the names of those whose fit was ended before it had converged; and
        `fitted_on`, {name: what} of those that were fitted on a part of the training split.
    """
    found = {name: attempt(f"baseline {name}", compute, errors)
             for name, compute in functions.items()}
    found = {name: dict(scores) for name, scores in found.items() if scores is not None}
    settings = {name: scores.pop("settings") for name, scores in found.items()
                if "settings" in scores}
    unfinished = [name for name, scores in found.items() if not scores.pop("converged", True)]
    fitted_on = {name: scores.pop("fitted_on") for name, scores in found.items()
                 if "fitted_on" in scores}
    for name, scores in found.items():
        errors |= {f"baseline {name} {metric}": why
                   for metric, why in scores.pop("errors", {}).items()}
    return {"baselines": {name: as_test(scores, errors, f"baseline {name} ")
                          for name, scores in found.items()},
            "baseline_settings": settings, "not_converged": unfinished, "fitted_on": fitted_on}


def as_test_entries(found):
    """Names the metrics, and their intervals if any, as those of the test split.

    Args:
        found: as of `Task.final`, with an entry `errors`.
    """
    named = {part: as_test(found[part], found["errors"])
             for part in ("metrics", "copies") if part in found}
    if "intervals" in found:
        there = set().union(*named.values())
        named["intervals"] = {f"test_{name}": ends for name, ends in found["intervals"].items()
                              if f"test_{name}" in there}
    return found | named


def as_test(scores, errors, prefix=""):
    """Names plain scores as those of the test split, but for numbers that JSON does not have.

    Args:
        scores: {name: number}.
        errors: dict, told of those that are NaN or infinite.
        prefix: of their names there.
    """
    errors |= {f"{prefix}test_{name}": f"is {value}" for name, value in scores.items()
               if not math.isfinite(value)}
    return {f"test_{name}": float(value) for name, value in scores.items() if math.isfinite(value)}


def as_markdown(metrics):
    """Returns the table of final metrics that TensorBoard shows, baselines beside them."""
    baselines, intervals = metrics["baselines"], metrics.get("intervals", {})
    copies = metrics.get("copies", {})
    lines = ["| | " + " | ".join(["this run", *(f"{name}{_about(name, metrics)}"
                                                for name in baselines)]) + " |",
             "|---" * (2 + len(baselines)) + "|"]
    for name, value in (metrics["metrics"] | copies).items():
        interval = " [{:.4g}, {:.4g}]".format(*intervals[name]) if name in intervals else ""
        beside = [f"{scores[name]:.4g}" if name in scores else "-" for scores in baselines.values()]
        lines.append(f"| {name} | " + " | ".join([f"{value:.4g}{interval}", *beside]) + " |")
    return "\n".join(lines)


def show(metrics):
    """Prints the final metrics, each with its interval and the baselines beside it.

    Scores on examples of the training split, where a task gives some, are named `train_…`.
    """
    intervals = metrics.get("intervals", {})
    for name, value in (metrics["metrics"] | metrics.get("copies", {})).items():
        interval = " [{:.4g}, {:.4g}]".format(*intervals[name]) if name in intervals else ""
        beside = [f"{baseline} {scores[name]:.4g}{_about(baseline, metrics)}"
                  for baseline, scores in metrics["baselines"].items() if name in scores]
        print(f"{name} {value:.4g}{interval}" + (f"  ({', '.join(beside)})" if beside else ""))
    for name, value in metrics.get("train", {}).items():
        print(f"train_{name} {value:.4g}")
    for note in metrics.get("notes", ()):
        print(note)
    for name, why in metrics["errors"].items():
        print(f"not computed: {name} ({why})")


def _about(baseline, metrics):
    """Returns what stands behind a baseline's score: how its fit was bounded, if it was."""
    said = ["not converged"] if baseline in metrics.get("not_converged", ()) else []
    if part := metrics.get("fitted_on", {}).get(baseline):
        said.append(f"fitted on {part}")
    return f" ({'; '.join(said)})" if said else ""
