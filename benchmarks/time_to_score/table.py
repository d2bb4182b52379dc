"""The table of `benchmarks.time_to_score`."""

import statistics

from benchmarks import records
from benchmarks.time_to_score.cases import CASES

_SAID = (
    "Seconds from the start of the command, imports included, to the end of the first validation "
    "that is as good as the peer's own last one; medians of the rounds. A peer is its recipe as it "
    "is published, on the same data. What a published recipe does not do to be scored, such as "
    "drawing samples, does not count as its time; ours counts whole. Samples are scored by the "
    "function that our validation uses.")


def markdown(found):
    """Returns the Markdown of {experiment: record}."""
    lines = ["| | peer | its score | peer | ours | times as fast | our flags | memory, peer and "
             "ours |", "|---|---|---|---|---|---|---|---|"]
    for name, record in found.items():
        figures = record["figures"]
        ours = figures["ours"]
        lines.append(
            f"| `{name}` | {CASES[name].source}, {figures['dataset']} | "
            f"{figures['tag'].rpartition('/')[2]} {figures['target']:.4g} | "
            f"{figures['theirs']:.0f} s | "
            + (f"{ours:.0f} s | {figures['ratio']:.1f}" if ours else "not reached | -")
            + f" | `{' '.join(figures['flags'])}` | {figures['memory']['theirs']:.1f} GB, "
            f"{figures['memory']['ours']:.1f} GB |")
    ratios = [record["figures"]["ratio"] for record in found.values() if record["figures"]["ratio"]]
    mean = f"The geometric mean over {len(ratios)} is {statistics.geometric_mean(ratios):.1f}."
    return "\n".join([*lines, "", records.prose(_SAID + (f" {mean}" if ratios else "")), "",
                      records.prose(records.origin(found))]) + "\n"
