"""The picture of `benchmarks.time_to_score`: score over seconds, ours and the peer's.

    python -m benchmarks.time_to_score.picture [--out=docs/time-to-score.png]

Drawn from the result files; it needs matplotlib, `pip install '.[benchmarks]'`. The file says which
results it shows, so that a test can tell a picture that is out of date.
"""

import argparse
import hashlib
import json
import pathlib

from benchmarks import records
from benchmarks.time_to_score.cases import CASES

FILE = pathlib.Path(__file__).parents[2] / "docs" / "time-to-score.png"
# Colours that the colour-blind tell apart.
_SIDES = {"theirs": ("peer", "#D55E00"), "ours": ("ours", "#0072B2")}
_COLUMNS, _PANEL = 3, (3.6, 2.7)  # panels in a row, inches of each
_EARLY = 0.25  # first part of a run's validations, which the range of the scores leaves out


def main(argv=None):
    """Draws the picture."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.time_to_score.picture",
                                     description=__doc__.partition("\n")[0])
    parser.add_argument("--out", type=pathlib.Path, default=FILE, metavar="PNG")
    flags = parser.parse_args(argv)
    found = records.read("time_to_score")
    if not found:
        raise SystemExit("error: no result files of benchmarks.time_to_score")
    try:
        from matplotlib.figure import Figure
    except ImportError:
        raise SystemExit("error: the picture needs matplotlib, which is not installed: "
                         "pip install '.[benchmarks]'") from None
    draw(found, Figure).savefig(flags.out, dpi=110, metadata={"Comment": digest(found)})
    print(f"wrote {flags.out}")


def digest(found):
    """Returns what identifies the figures of {experiment: record}."""
    figures = {name: record["figures"] for name, record in found.items()}
    return hashlib.sha256(json.dumps(figures, sort_keys=True).encode()).hexdigest()


def draw(found, figure):
    """Returns a figure with a panel for each experiment.

    Args:
        found: {experiment: record}.
        figure: the class `matplotlib.figure.Figure`.
    """
    columns = min(_COLUMNS, len(found))
    rows = -(-len(found) // columns)
    made = figure(figsize=(_PANEL[0] * columns, _PANEL[1] * rows + 0.4), layout="constrained")
    panels = made.subplots(rows, columns, squeeze=False).flatten()
    for panel, (name, record) in zip(panels, found.items(), strict=False):
        _fill(panel, name, record["figures"])
    for panel in panels[len(found):]:
        panel.set_axis_off()
    handles, labels = panels[0].get_legend_handles_labels()
    made.legend(handles, labels, loc="outside upper center", ncols=len(labels), frameon=False)
    return made


def score_range(figures, lower):
    """Returns the (worst, best) score that a panel shows.

    The first quarter of a run's validations may be far worse than all that is of interest.

    Args:
        figures: of a result file.
        lower: whether less of the score is better.
    """
    scores = [figures["target"]]
    for one in figures["rounds"]:
        for side in _SIDES:
            points = one[side]["points"]
            scores += [score for _, score in points[int(_EARLY * len(points)):]]
    low, high = min(scores), max(scores)
    margin = 0.06 * (high - low) or 0.06 * abs(high) or 1
    return (high + margin, low - margin) if lower else (low - margin, high + margin)


def _fill(panel, name, figures):
    """Draws all rounds of both sides, and where each had the peer's final score."""
    case, target = CASES[name], figures["target"]
    for side, (label, colour) in _SIDES.items():
        for number, one in enumerate(figures["rounds"]):
            panel.plot(*zip(*one[side]["points"], strict=True), color=colour, linewidth=1.2,
                       alpha=0.8, marker=".", markersize=3, label=None if number else label)
        if figures[side]:
            panel.plot(figures[side], target, "o", color=colour, markeredgecolor="black",
                       markersize=7, zorder=3)
    panel.axhline(target, color="black", linestyle="--", linewidth=1, label="peer's final score")
    panel.set_xlim(left=0)
    panel.set_ylim(*sorted(score_range(figures, case.lower)))
    panel.set_xlabel("seconds since the start of the command")
    panel.set_ylabel("validation " + figures["tag"].rpartition("/")[2].replace("_", " "))
    panel.set_title(f"{name}: " + (f"{figures['ratio']:.1f} times as fast" if figures["ratio"]
                                   else "not reached"), fontsize=10)
    panel.grid(alpha=0.3)
    panel.spines[["top", "right"]].set_visible(False)


if __name__ == "__main__":
    main()
