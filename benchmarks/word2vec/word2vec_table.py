"""The table of `benchmarks.word2vec`."""

from benchmarks import records


def table(found):
    """Returns the lines of a Markdown table of a summary."""
    lines = ["| | ours | gensim | ours beside gensim |", "|---|---|---|---|"]
    for what, row in found.items():
        name, beside = what, "-"
        if "pairs" in row:
            name += f", {row['pairs']} pairs"
        if "ratio" in row:
            beside = f"{row['ratio']:.2f} times as many"
        if "interval" in row:
            beside = "{:+.3f} [{:+.3f}, {:+.3f}]".format(row["difference"], *row["interval"])
        cells = (_shown(row[side]) if side in row else "-" for side in ("ours", "gensim"))
        lines.append(f"| {name} | {' | '.join(cells)} | {beside} |")
    return lines


def _shown(found):
    """Returns `0.120 ± 0.010` of a mean and a standard deviation, `1,234` of a large number."""
    return f"{found[0]:,.0f}" if abs(found[0]) >= 100 else " ± ".join(f"{x:.3f}" for x in found)


def markdown(found):
    """Returns the Markdown of {data set: record}."""
    return "\n".join(
        "\n".join([*table(record["figures"]["summary"]), "",
                   records.prose(
                       "Mean ± standard deviation over the seeds, of speeds the median; in "
                       "brackets the 95% interval of having other pairs judged. "
                       + records.origin({name: record}))]) + "\n"
        for name, record in found.items())
