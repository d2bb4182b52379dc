"""Final metrics: how they are named in metrics.json and printed."""


def test_entries(task, signatures):
    """Returns what metrics.json says of an export on the test split: metrics as `test_…`."""
    split = task.data.splits["test"]
    return as_test_entries(task.final(signatures, split) if task.final
                           else {"metrics": task.evaluate(signatures, split)})


def as_test_entries(found):
    """Names the metrics, and their intervals if any, as those of the test split."""
    named = {"metrics": as_test(found["metrics"])}
    if "intervals" in found:
        named["intervals"] = {f"test_{name}": ends for name, ends in found["intervals"].items()}
    return found | named


def as_test(scores):
    """Names plain scores as those of the test split."""
    return {f"test_{name}": float(value) for name, value in scores.items()}


def show(metrics):
    """Prints the final metrics, each with its interval and the baselines beside it.

    Scores on examples of the training split, where a task gives some, are named `train_…`.
    """
    intervals = metrics.get("intervals", {})
    for name, value in metrics["metrics"].items():
        interval = " [{:.4g}, {:.4g}]".format(*intervals[name]) if name in intervals else ""
        beside = [f"{baseline} {scores[name]:.4g}"
                  for baseline, scores in metrics["baselines"].items() if name in scores]
        print(f"{name} {value:.4g}{interval}" + (f"  ({', '.join(beside)})" if beside else ""))
    for name, value in metrics.get("train", {}).items():
        print(f"train_{name} {value:.4g}")
