"""`word2vec` beside gensim's Word2Vec: agreement with people's judgements, and speed.

    python -m benchmarks.word2vec [--seeds=5] [--steps=N] [--json=word2vec.json]

Needs gensim: pip install '.[gensim]'. For each seed both sides train in turn in this process, on
the same words of the training split with the same vector size, window, noise words, subsampling
and number of epochs, gensim with two workers and its own learning rate. Time is that of training
alone: without the vocabulary, tracing and validation.

Agreement is Spearman's correlation of the cosine of two words with people's judgement of their
similarity, over the pairs whose words are both in the vocabulary; the judgements are gensim's test
data. Neither side's settings were chosen by them.
"""

import argparse
import json
import os
import statistics
import warnings

from benchmarks.judgements import LISTS, agreement, difference, import_gensim, judgements
from benchmarks.measure import measured
from benchmarks.speed import machine, positive
from experiments import pages, quiet
from tfmodels.errors import UserError

SIDES = ("ours", "gensim")
WORKERS = 2
WARM_UP = 5  # steps that compile, before the clock starts


def main(argv=None):
    """Runs the comparison and prints a table; returns its rows."""
    flags = _flags().parse_args(argv)
    try:
        import_gensim()
        os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
        quiet.import_tensorflow()
        import tensorflow as tf
        tf.get_logger().setLevel("ERROR")
        warnings.simplefilter("ignore")
        print(machine(), flush=True)
        rows = []
        for seed in range(flags.seeds):
            rows += compare(seed, flags.steps, flags.dataset, flags.data_dir)
            print(*table(rows)[0 if seed == 0 else -2:], sep="\n", flush=True)
    except UserError as error:
        raise SystemExit(f"error: {error}") from None
    print(*summary(rows), sep="\n")
    if flags.json:
        with open(flags.json, "w", encoding="utf-8") as file:
            json.dump({"machine": machine(), "rows": rows}, file, indent=2)
    return rows


def compare(seed, steps=None, dataset="kjv_verses", data_dir=""):
    """Trains both sides once.

    Args:
        seed: of both.
        steps: of ours; by default the page's.
        dataset: of texts.
        data_dir: folder of prepared data sets.

    Returns:
        Two rows: the side, seed and epochs; the `cpu` and `wall` seconds and the words read in
        them; for each list of judgements the pairs `covered` and the `agreement`; the metrics of
        the test split.
    """
    from benchmarks.ours import Ours
    from tfmodels.tasks.word_vectors import rows as laid
    chosen = {"dataset": dataset, "data_dir": data_dir} | ({"steps": steps} if steps else {})
    settings = pages.config_class("word2vec")(seed=seed, **chosen)
    side = Ours("word2vec", settings, same_maths=False)
    task = side.task
    tokenizer, = task.tables
    tokens = laid(tokenizer.encode(task.data.splits["train"].arrays()["text"]), settings.length)
    words = (tokens > 0).sum()
    epochs = max(1, round(settings.steps * settings.batch_size / len(tokens)))
    warm_up = min(WARM_UP, settings.steps - 1)
    side.train(warm_up)
    cost = side.train(settings.steps - warm_up)
    side.close()
    read = words / len(tokens) * cost.examples
    theirs, their_cost = train_gensim(
        [[tokenizer.vocabulary[i] for i in row if i] for row in tokens], epochs, settings)

    def row(name, signatures, cost, read):
        found = {"side": name, "seed": seed, "epochs": epochs, "cpu": cost.cpu, "wall": cost.wall,
                 "words": float(read)}
        for file in LISTS:
            found[file] = agreement(signatures["embed"], judgements(file))
        return found | task.evaluate(signatures, task.data.splits["test"])
    return [row("ours", task.signatures, cost, read),
            row("gensim", theirs, their_cost, int(words) * epochs)]


def train_gensim(sentences, epochs, settings):
    """Trains gensim's model.

    Args:
        sentences: lists of words, all of which get a vector.
        epochs: passes over them.
        settings: the page's Config.

    Returns:
        Its vectors as signatures `embed` and `score` like ours, and the `Cost` of training.
    """
    import numpy as np
    import tensorflow as tf
    model = import_gensim().models.Word2Vec(
        vector_size=settings.width, window=settings.window, min_count=1, sg=1,
        negative=settings.negatives, sample=settings.subsample, seed=settings.seed + 1,
        workers=WORKERS, epochs=epochs)
    model.build_vocab(sentences)
    with measured(len(sentences) * epochs) as cost:
        model.train(sentences, total_examples=len(sentences), epochs=epochs)
    places = model.wv.key_to_index

    def place(words):
        found = [places.get(word.decode(), -1) for word in words.numpy()]
        return np.array(found), np.array(found) >= 0

    def embed(words):
        ids, known = place(words)
        return {"vectors": tf.constant(model.wv.vectors[ids]), "known": tf.constant(known)}

    def score(words, contexts):
        vectors = model.wv.vectors[place(words)[0]] * model.syn1neg[place(contexts)[0]]
        return {"scores": tf.constant(vectors.sum(1))}
    return {"embed": embed, "score": score}, cost


def table(rows):
    """Returns the lines of a table: two of heading, then one for each row."""
    covered = [f"{file.partition('.')[0]} ({rows[0][file]['covered']})" for file in LISTS]
    lines = [f"{'':<14}{'agreement on (pairs)':>34}{'test split':>20}{'seconds':>18}"
             f"{'words per second of':>24}",
             f"{'side':<8}{'seed':>6}{covered[0]:>17}{covered[1]:>17}{'loss':>10}{'accuracy':>10}"
             f"{'CPU':>9}{'wall':>9}{'CPU':>12}{'wall':>12}"]
    return lines + [
        f"{row['side']:<8}{row['seed']:>6}"
        + "".join(f"{row[file]['agreement']:>17.3f}" for file in LISTS)
        + f"{row['loss']:>10.3f}{row['accuracy']:>10.3f}{row['cpu']:>9.1f}{row['wall']:>9.1f}"
        + "".join(f"{row['words'] / row[clock]:>12,.0f}" for clock in ("cpu", "wall"))
        for row in rows]


def summary(rows):
    """Returns lines with the mean and spread over the seeds, and how both sides compare."""
    lines = []
    for file in LISTS:
        found = {side: [row[file] for row in rows if row["side"] == side] for side in SIDES}
        means = {side: _spread([one["agreement"] for one in each])
                 for side, each in found.items()}
        more = difference(found["ours"][0]["judged"], *(
            [one["cosines"] for one in each] for each in found.values()))
        lines.append(f"agreement on {file}: "
                     + ", ".join(f"{side} {mean}" for side, mean in means.items())
                     + "; ours more by {:.3f}, 95% interval [{:.3f}, {:.3f}]".format(*more))
    for clock in ("cpu", "wall"):
        speeds = [statistics.median(row["words"] / row[clock] for row in rows
                                    if row["side"] == side) for side in SIDES]
        lines.append(f"words per {clock} second, median: ours / gensim {speeds[0] / speeds[1]:.2f}")
    return lines


def _spread(values):
    """Returns `0.12 ± 0.01`, the mean and the standard deviation of some numbers."""
    deviation = statistics.stdev(values) if len(values) > 1 else 0.0
    return f"{statistics.mean(values):.3f} ± {deviation:.3f}"


def _flags():
    """Returns the parser of the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.word2vec", allow_abbrev=False,
                                     description=__doc__.partition("\n")[0])
    parser.add_argument("--seeds", type=positive, default=5, help="how many (default: 5)")
    parser.add_argument("--steps", type=positive, help="steps of ours (default: the page's)")
    parser.add_argument("--dataset", default="kjv_verses",
                        help="a data set of texts (default: kjv_verses)")
    parser.add_argument("--data_dir", default="", help="folder of prepared TFDS data sets")
    parser.add_argument("--json", metavar="FILE", help="write every figure there, too")
    return parser


if __name__ == "__main__":
    main()
