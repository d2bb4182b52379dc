"""The table of `benchmarks.speed`, and what differs between its sides beside time."""

from benchmarks import records

SIDES = ("keras.io", "float32", "page", "PyTorch")
RATIOS = ("keras.io / float32", "keras.io / page", "PyTorch / page")
# Where the sides of a model do not compute the same. All sides start from the same weights, with
# the same loss, optimizer (but as said here) and schedule of its rate, on the same examples.
DIFFERENCES = {
    ("dense", "cnn"):
        "keras.io's way shifts, turns and zooms an image by three layers, one after the other, "
        "ours by one transformation",
    ("autoencoder",):
        "nothing",
    ("transformer", "rnn"):
        "ours batches texts of similar length and cuts off what is padding in all of them; "
        "keras.io's way pads all to `--length`, PyTorch's to the longest of a batch",
    ("gan", "gan_dense"):
        "keras.io's way updates the networks one after the other, from two passes of the "
        "generator, scores real and generated images as one batch, and adds noise to the targets; "
        "ours updates both at once from one pass. Ours does more besides: it averages the "
        "generator's weights, shifts images and tells categories apart",
    ("wgan",):
        "for an update of the critic ours scores real and generated images in one pass, keras.io's "
        "way in two; ours averages the generator's weights besides",
    ("vae",):
        "keras.io's loss takes probabilities, ours logits, equal but for rounding",
    ("gpt", "gpt_nano"):
        "the page is trained by Muon, and so is keras.io's way, but Keras' Muon leaves the kernels "
        "of Keras' attention, which are no matrices, to AdamW; PyTorch trains by AdamW, which "
        "costs less than Muon",
    ("gpt_adamw",):
        "every side is trained by AdamW",
}
_COMPARED = (
    "Processor time of a training step, theirs divided by ours: above 1, ours is faster. The score "
    "is that of the validation split after equally many steps, lower is better. In float32 no "
    "side's step is compiled by XLA; ours always compiles the optimizer's update, runs many steps "
    "in one call and writes TensorBoard's curves. What else differs:")


def markdown(found):
    """Returns the Markdown of {model: record}."""
    rows = {name: record["figures"] for name, record in found.items()}
    order = dict.fromkeys(name for names in DIFFERENCES for name in names)
    rows = {name: rows[name] for name in [*order, *rows] if name in rows}
    return "\n".join(
        [*table(rows), "", *notes(rows), "", records.prose(records.origin(found))]) + "\n"


def table(rows):
    """Returns the lines of a Markdown table: two of heading, then one for each of {model: row}.

    Args:
        rows: what `benchmarks.speed.compare` returned. Where there is no figure stands a dash.
    """
    return ["| | keras.io / ours in float32 | keras.io / ours as the page runs | PyTorch / ours as "
            "the page runs | validation score | keras.io | ours in float32 | ours as the page runs "
            "| PyTorch |", "|---|---|---|---|---|---|---|---|---|",
            *(_line(name, row) for name, row in rows.items())]


def _line(name, row):
    """Returns a model's line."""
    times = [f"{row['ratios'][which]['cpu']:.2f}" if which in row["ratios"] else "-"
             for which in RATIOS]
    settings = row["sides"].get("page", {}).get("settings", "float32")
    if settings != "float32":
        times[1] += f" ({settings})"
    score = f"{row['metric'].replace('_', ' ')}, {row['steps']} steps" if "metric" in row else "-"
    scores = (f"{row['sides'][side]['score']:.4g}" if side in row["sides"] else "-"
              for side in SIDES)
    return f"| `{name}` | {' | '.join(times)} | {score} | {' | '.join(scores)} |"


def notes(rows):
    """Returns lines on what the table of {model: row} compares, and on the learning rates."""
    said = []
    for names, what in DIFFERENCES.items():
        shown = [f"`{name}`" for name in names if name in rows]
        if shown:
            said.append(f"- {', '.join(shown)}: {what}.")
    for name, row in rows.items():
        said += [f"- `{name}`: {_rate(side, found)}" for side, found in row["sides"].items()
                 if "learning_rate" in found]
    return [records.prose(_COMPARED), "", *(records.prose(line, "  ") for line in said)]


def _rate(side, found):
    """Returns which learning rate a side had, and how it was chosen."""
    tried = ", ".join(f"{rate}: {score:.4g}" for rate, score in
                      found.get("score_by_rate", {}).items())
    chosen = f", the best on the validation split ({tried})" if tried else ", the only one tried"
    return f"{side}'s learning rate is {found['learning_rate']:g}{chosen}."
