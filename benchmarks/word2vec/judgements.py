"""How people judge the similarity of words, and how well cosines agree: gensim's test data.

Imports neither TensorFlow nor gensim before they are needed.
"""

from tfmodels.errors import InputError

LISTS = ("wordsim353.tsv", "simlex999.txt")
_RESAMPLES = 1000  # of the judged pairs


def import_gensim():
    """Returns gensim's module, or says how to get it."""
    try:
        import gensim.models
        import gensim.test.utils
    except ImportError:
        raise InputError("this comparison needs gensim, which is not installed: "
                         "pip install '.[gensim]'") from None
    return gensim


def judgements(file):
    """Returns pairs of words and their judged similarity from gensim's test data."""
    with open(import_gensim().test.utils.datapath(file), encoding="utf-8") as lines:
        parts = [line.rstrip("\n").split("\t") for line in lines if not line.startswith("#")]
    return [(first.lower(), second.lower(), float(score)) for first, second, score in parts]


def agreement(embed, judged):
    """Compares cosines with judgements over the pairs of which both words have a vector.

    Args:
        embed: the signature.
        judged: of `judgements`.

    Returns:
        `covered`, the number of pairs; `agreement`, Spearman's correlation, 0 of fewer than three
        pairs; `cosines` and `judged`, the two numbers of each pair.
    """
    import numpy as np
    import tensorflow as tf
    sides = [embed(words=tf.constant([pair[side] for pair in judged])) for side in (0, 1)]
    known = np.logical_and(*(side["known"].numpy() for side in sides))
    first, second = (side["vectors"].numpy()[known] for side in sides)
    cosines = (first * second).sum(1) / (
        np.linalg.norm(first, axis=1) * np.linalg.norm(second, axis=1))
    scores = np.array([score for *_, score in judged])[known]
    return {"covered": int(known.sum()), "agreement": spearman(cosines, scores),
            "cosines": cosines.tolist(), "judged": scores.tolist()}


def spearman(first, second):
    """Returns Spearman's correlation of two arrays [N], 0 if N is below three."""
    import scipy.stats
    return float(scipy.stats.spearmanr(first, second).statistic) if len(first) > 2 else 0.0


def difference(judged, ours, theirs):
    """Returns how much more ours agrees than theirs, and the ends of the interval of that.

    Args:
        judged: similarities [N].
        ours, theirs: cosines [N] of each seed; the means over the seeds are compared.

    Returns:
        Three numbers; the interval is the 95% bootstrap one of having other pairs judged.
    """
    import numpy as np

    from tfmodels.evaluation import bootstrap
    def more(table):
        judged, *found = table.T
        found = [spearman(each, judged) for each in found]
        return float(np.mean(found[:len(ours)]) - np.mean(found[len(ours):]))

    table = np.stack([judged, *ours, *theirs], axis=1)  # [N, 1 + 2 seeds]
    return more(table), *bootstrap.interval(more, [table], _RESAMPLES)
