"""How good written texts are beside recorded ones, and the nearest recorded text as a baseline."""

import sacrebleu
import sklearn.feature_extraction.text
import sklearn.metrics.pairwise

from tfmodels.data.parts import parts
from tfmodels.evaluation import held_out, kept, tuning

KNOWN = 30_000  # most training examples among which the nearest source is searched for
KNOWN_BYTES = 8 << 20  # that they have together
_TEXT = 50_000  # most bytes of a text
_TARGETS = 100  # most of a source that a text is compared with for chrF and BLEU
_ROWS = 256  # texts compared with all sources of training at a time
_CHOSEN_ON = 1000  # most validation sources with which a kind of n-grams is tried
_FEATURES = {  # by their name, the settings of a TfidfVectorizer
    "words 1-2": {"analyzer": "word", "ngram_range": (1, 2), "token_pattern": r"\w+|[^\w\s]"},
    "characters 2-4 within words": {"analyzer": "char_wb", "ngram_range": (2, 4)},
    "characters 2-5": {"analyzer": "char", "ngram_range": (2, 5)},
}


def references(source, target):
    """Returns {source: list of its recorded targets}, in order of first appearance.

    Args:
        source, target: sequences of N UTF-8 byte strings; of each the first 50,000 bytes count.
    """
    found = {}
    for pair in zip(source, target, strict=True):
        text, answer = (held_out.cut(some, _TEXT) for some in pair)
        found.setdefault(text, []).append(answer.decode("utf-8", errors="replace"))
    return found


def scores(written, recorded):
    """Scores texts, one per source, against all targets that are recorded of it.

    Args:
        written: list of N str.
        recorded: list of N lists of str, each with at least one.

    Returns:
        A dict: `exact_match`, the fraction equal to a recorded one but for case and spaces, in
        [0, 1]; `chrf` (Popović, "chrF", WMT 2015) and `bleu` (Papineni et al., "BLEU", ACL 2002)
        of the whole, in [0, 100], as sacrebleu computes them by default, beside the first 100
        targets of a source.
    """
    equal = sum(_folded(text) in map(_folded, texts)
                for text, texts in zip(written, recorded, strict=True))
    most = min(_TARGETS, max(map(len, recorded)))
    streams = [[texts[index] if index < len(texts) else None for texts in recorded]
               for index in range(most)]
    return {"exact_match": equal / len(written),
            "chrf": sacrebleu.CHRF().corpus_score(written, streams).score,
            "bleu": sacrebleu.BLEU().corpus_score(written, streams).score}


@kept.scores
def nearest_source(known, validation, test):
    """Returns the `scores` of giving each source the first target of the nearest in training.

    By which n-grams that is the nearest, chrF on validation decides.

    Args:
        known, validation, test: {source: list of targets}, see `references`.
    """
    some = dict(list(validation.items())[:_CHOSEN_ON])
    tried = [({"features": name}, scores(nearest_targets(known, list(some), name),
                                         [*some.values()])["chrf"], None) for name in _FEATURES]
    settings, _ = tuning.chosen("nearest_training_source", tried, "chrf")
    found = nearest_targets(known, list(test), settings["features"])
    return scores(found, [*test.values()]) | {"settings": settings}


def nearest_targets(known, unknown, features):
    """Returns, for each text, the first target of the nearest source in training.

    Nearest is by the cosine between TF-IDF vectors of n-grams.

    Args:
        known: {source: list of targets}, see `references`.
        unknown: sequence of N byte strings.
        features: what the n-grams are of, out of `_FEATURES`.

    Returns:
        List of N str.
    """
    vectorizer = sklearn.feature_extraction.text.TfidfVectorizer(
        sublinear_tf=True, decode_error="replace", **_FEATURES[features])
    rows = vectorizer.fit_transform(known)
    targets = [texts[0] for texts in known.values()]
    found = []
    for _, some in parts(_ROWS, unknown):
        asked = vectorizer.transform(some)
        nearest = sklearn.metrics.pairwise.linear_kernel(asked, rows).argmax(1)
        found += [targets[index] for index in nearest]
    return found


def _folded(text):
    return "".join(text.lower().split())
