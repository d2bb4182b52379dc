"""`word2vec` beside gensim's Word2Vec: agreement with people's judgements, and speed.

    python -m benchmarks.word2vec [--seeds=5] [--steps=N] [--out=DIR]

Needs gensim: pip install '.[gensim]'. For each seed both sides train in turn in this process, on
the same words of the training split with the same vector size, window, noise words, subsampling
and number of epochs, gensim with two workers and its own learning rate. Time is that of training
alone: without the vocabulary, tracing and validation.

Agreement is Spearman's correlation of the cosine of two words with people's judgement of their
similarity, over the pairs whose words are both in the vocabulary; the judgements are gensim's test
data. Neither side's settings were chosen by them.
"""

import os
import statistics
import warnings

from benchmarks import records
from benchmarks.speed.measure import measured
from benchmarks.word2vec import word2vec_table
from benchmarks.word2vec.judgements import LISTS, agreement, difference, import_gensim, judgements
from tfmodels.errors import UserError
from tfmodels.launcher import pages, quiet

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
        print(records.this_machine(), flush=True)
        rows = []
        for seed in range(flags.seeds):
            rows += compare(seed, flags.steps, flags.dataset, flags.data_dir)
            print(*table(rows)[0 if seed == 0 else -2:], sep="\n", flush=True)
    except UserError as error:
        raise SystemExit(f"error: {error}") from None
    found = summary(rows)
    print(*word2vec_table.table(found), sep="\n")
    records.write(flags.out, "word2vec", flags.dataset.replace("/", "-"), argv, {
        "summary": found, "rows": [{name: value for name, value in row.items()
                                    if name not in LISTS} for row in rows]})
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
    from benchmarks.speed.ours import Ours
    from tfmodels.data.sources import in_chunks
    chosen = {"dataset": dataset, "data_dir": data_dir} | ({"steps": steps} if steps else {})
    settings = pages.config_class("word2vec")(seed=seed, **chosen)
    side = Ours("word2vec", settings)
    task = side.task
    tokenizer, = task.tables
    texts = task.data.splits["train"].arrays()["text"]
    tokens = in_chunks(lambda part: {"tokens": task.source.cut(part["text"])}, {"text": texts}
                       )["tokens"]
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
    """Returns what the rows come to: {what is compared: dict}, from which the table is made.

    A dict holds the mean and the standard deviation over the seeds for `ours` and for `gensim`, or
    the median alone, and what they come to beside each other: a `ratio`, or a `difference` with
    its 95% `interval` and the number of judged `pairs`.
    """
    def values(of):
        return {side: [of(row) for row in rows if row["side"] == side] for side in SIDES}

    found = {f"test {name}": _spreads(values(lambda row, name=name: row[name]))
             for name in ("loss", "accuracy")}
    for file in LISTS:
        each = values(lambda row, file=file: row[file])
        more, *interval = difference(each["ours"][0]["judged"], *(
            [one["cosines"] for one in of_side] for of_side in each.values()))
        found[f"agreement on {file}"] = _spreads(
            {side: [one["agreement"] for one in of_side] for side, of_side in each.items()}) | {
            "difference": more, "interval": interval, "pairs": each["ours"][0]["covered"]}
    for clock in ("cpu", "wall"):
        speeds = {side: [statistics.median(of_side)] for side, of_side in
                  values(lambda row, clock=clock: row["words"] / row[clock]).items()}
        found[f"words per second, {clock} time"] = speeds | {
            "ratio": speeds["ours"][0] / speeds["gensim"][0]}
    return found


def _spreads(found):
    """Returns the mean and the standard deviation of each side's numbers."""
    return {side: [statistics.mean(values), statistics.stdev(values) if len(values) > 1 else 0.0]
            for side, values in found.items()}


def _flags():
    """Returns the parser of the command line."""
    parser = records.parser("word2vec", __doc__)
    parser.add_argument("--seeds", type=records.positive, default=5, help="how many (default: 5)")
    parser.add_argument("--steps", type=records.positive,
                        help="steps of ours (default: the page's)")
    parser.add_argument("--dataset", default="kjv_verses",
                        help="a data set of texts (default: kjv_verses)")
    parser.add_argument("--data_dir", default="", help="folder of prepared TFDS data sets")
    return parser
