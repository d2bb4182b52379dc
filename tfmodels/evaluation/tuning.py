"""How the few settings of a baseline are chosen: on the validation split, as a model's are."""


def chosen(baseline, tried, metric, best=max):
    """Chooses among the settings that were tried, and prints the choice.

    Args:
        baseline: its name.
        tried: list of (settings, score on the validation split, result), at least one; settings is
            a dict such as {"order": 5}. Of equal ones the first is taken.
        metric: what the score is, such as `accuracy`.
        best: `max` or `min`.

    Returns:
        The best settings and their score, a flat dict for metrics.json, and their result.
    """
    settings, score, result = best(tried, key=lambda each: each[1])
    named = ", ".join(f"{name} {value}" for name, value in settings.items())
    print(f"{baseline}: {named} of {len(tried)} settings chosen on validation ({metric} "
          f"{score:.4g})", flush=True)
    return settings | {f"validation_{metric}": score}, result
