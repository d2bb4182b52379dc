"""The models a practitioner would try first, trained on the same split by scikit-learn.

Their few settings are chosen on the validation split, as those of the models beside them.
"""

import warnings

import numpy as np
import sklearn.decomposition
import sklearn.exceptions
import sklearn.feature_extraction.text
import sklearn.linear_model
import sklearn.pipeline
import sklearn.svm

from tfmodels.data.parts import parts
from tfmodels.evaluation import classification, held_out, kept, pictures, tuning

TRAINED_ON = 60_000  # most training examples of a baseline: all of MNIST, but not of any large set
_MOST_BYTES = 1 << 29  # of images that are held for a baseline or a score
_BLOCK = 1 << 24  # numbers that are held as float32 at a time
_HELD = 1 << 27  # or for a method that takes all at once
_CHOSEN_ON = 10_000  # most examples of training images, or of validation, a setting is tried with
_PROBABILITIES = 1 << 24  # or values of a decision, most that are held at a time
_FITTED = 1 << 31  # most numbers times classes of images that a regression looks at in a step
_WORK = 150 * 10**9  # most of them in all its steps
_STEPS = 300  # at most, and as few as a tenth of them
_TEXT, _TEXTS = 50_000, 50_000_000  # most bytes of a text, and of all of training
_COEFFICIENTS = 1 << 26  # most features times classes of a linear SVM
_CHOSEN_WITH, _SEPARATED = 10**8, 3 * 10**8  # most frequencies times classes of a fit, of the last
_MANY = 100  # classes above which words alone are counted, for time
_CHARACTERS_OF = 10 << 20  # bytes of training texts above which only words are counted, for time
_WORDS = {"analyzer": "word", "ngram_range": (1, 2)}
_FEATURES = {  # by their name, the settings of TfidfVectorizers
    "words 1-2": (_WORDS,),
    "words 1-3 and characters 3-6": (_WORDS | {"ngram_range": (1, 3)},
                                     {"analyzer": "char_wb", "ngram_range": (3, 6)}),
}


def first_examples(split):
    """Returns the first examples of a split as `arrays()` does: `TRAINED_ON` or 512 MB at most.

    Args:
        split: a `Split`.
    """
    return held_out.first(split, TRAINED_ON, _MOST_BYTES)


def first_images(split):
    """Returns the images alone of `first_examples`."""
    return first_examples(split)["image"]


def majority_class(train_labels, labels):
    """Returns the accuracy of always answering the most frequent training label."""
    return {"accuracy": float(np.mean(labels == np.bincount(train_labels).argmax()))}


@kept.scores
def logistic_regression(train, validation, test, of=0):
    """Returns accuracy and cross-entropy (nats) of multinomial logistic regression on pixels.

    C, the inverse of its regularization, is the one most accurate on validation, of three. What a
    fit costs is bounded: with many classes it sees smaller images, fewer of them, for fewer steps.

    Args:
        train, validation, test: (images uint8 [N, H, W, C], labels int [N]) each; images are scaled
            to [0, 1] and flattened, those of more than 32x32 pixels (16x16 with more than 100
            classes, 8x8 with more than 1,000) to that size by averaging. Of many training and
            validation images some are taken to choose C.
        of: how many training images there are.

    Returns:
        The scores, the `settings` that were chosen, as `converged` whether the fit had ended when
        its steps were over, and `fitted_on` if that was a part of the training images.
    """
    classes = len(np.unique(train[1]))
    validation = [array[:_CHOSEN_ON] for array in validation]
    side = 32 if classes <= 100 else 16 if classes <= 1000 else 8
    train, validation, test = ((_flat(pictures.thumbnails(images, side)), labels)
                               for images, labels in (train, validation, test))
    work = max(2, classes) * train[0].shape[1]  # of an image

    def fitted(C, stride):
        images, labels = (array[::stride] for array in train)
        steps = int(np.clip(_WORK / (work * len(images)), _STEPS // 10, _STEPS))
        return _fitted(sklearn.linear_model.LogisticRegression(C=C, tol=5e-4, max_iter=steps),
                       images, labels)

    def scores(model, images, labels):
        highest = max(model.classes_.max(), labels.max())

        def probabilities_of(some):  # a class that training does not have gets none
            probabilities = np.zeros((len(some), highest + 1))
            probabilities[:, model.classes_] = model.predict_proba(some)
            return probabilities
        learnt = np.isin(np.arange(highest + 1), model.classes_)
        found = classification.predict(probabilities_of, images, labels,
                                       max(1, _PROBABILITIES // (highest + 1)))
        return classification.scores(found, labels, learnt)

    stride = -(-work * len(train[1]) // _FITTED)
    fewer = max(stride, -(-len(train[1]) // _CHOSEN_ON))
    tried = []
    for C in (0.01, 0.1, 1.0):
        found = fitted(C, fewer)
        tried.append(({"C": C}, scores(found[0], *validation)["accuracy"], found))
    settings, found = tuning.chosen("logistic_regression", tried, "accuracy")
    model, converged = fitted(settings["C"], stride) if fewer > stride else found
    return scores(model, *test) | {"settings": settings, "converged": converged} | (
        held_out.fitted_on(len(train[1][::stride]), of))


def _fitted(model, inputs, labels):
    """Fits a model of scikit-learn; returns it, and whether it converged instead of a warning."""
    with warnings.catch_warnings(record=True) as raised:
        warnings.simplefilter("always", sklearn.exceptions.ConvergenceWarning)
        model.fit(inputs, labels)
    others = [each for each in raised
              if not issubclass(each.category, sklearn.exceptions.ConvergenceWarning)]
    for each in others:
        warnings.warn_explicit(each.message, each.category, each.filename, each.lineno)
    return model, len(others) == len(raised)


@kept.scores
def tfidf_svm(train, validation, test, of=0):
    """Returns the accuracy of a linear SVM on TF-IDF weighted n-grams of words and characters.

    The n-grams, of words alone or of characters within words too, and C, the inverse of the
    regularization, are the ones most accurate on validation. What a fit costs is bounded: with many
    classes it sees fewer texts and the most frequent n-grams.

    Args:
        train, validation, test: (texts, a sequence of UTF-8 bytes; labels int [N]) each. Of a text
            the first 50,000 bytes count, and of training the first texts with 50 MB.
        of: how many training texts there are.

    Returns:
        The accuracy, the `settings` that were chosen, as `converged` whether the fit had ended
        when its steps were over, and `fitted_on` if that was a part of the training texts.
    """
    validation = [array[:_CHOSEN_ON] for array in validation]
    train, validation, test = (([text[:_TEXT] for text in texts], labels)
                               for texts, labels in (train, validation, test))
    held = max(2, np.searchsorted(np.cumsum([len(text) for text in train[0]]), _TEXTS, "right"))
    train = train[0][:held], train[1][:held]
    classes = max(2, len(np.unique(train[1])))
    tried = []
    for features, vectorizers in _FEATURES.items():
        if tried and (classes > _MANY or sum(map(len, train[0])) > _CHARACTERS_OF):
            continue
        vectorizer = sklearn.pipeline.make_union(*(
            sklearn.feature_extraction.text.TfidfVectorizer(
                sublinear_tf=True, decode_error="replace", **given,
                max_features=max(1, _COEFFICIENTS // classes // len(vectorizers)))
            for given in vectorizers))
        rows = vectorizer.fit_transform(train[0])
        known, unknown = (vectorizer.transform(texts) for texts, _ in (validation, test))
        stride, fewer = (-(-rows.nnz * classes // most) for most in (_SEPARATED, _CHOSEN_WITH))
        for C in (0.3, 0.6, 1.2, 2.4):
            found = _separated(C, rows[::fewer], train[1][::fewer])
            accuracy = _accuracy(found[0], known, validation[1])
            better = accuracy > max((score for _, score, _ in tried), default=-1)
            if better:  # one model alone is kept
                tried = [(*each[:2], None) for each in tried]
            tried.append(({"features": features, "C": C}, accuracy,
                          (found, rows, unknown, stride, fewer) if better else None))
    settings, (found, rows, unknown, stride, fewer) = tuning.chosen(
        "tfidf_linear_svm", tried, "accuracy")
    model, converged = found if stride == fewer else _separated(
        settings["C"], rows[::stride], train[1][::stride])
    return {"accuracy": _accuracy(model, unknown, test[1]), "settings": settings,
            "converged": converged} | held_out.fitted_on(len(train[1][::stride]), of)


def _separated(C, rows, labels):
    """Fits a linear SVM; returns it, and whether it converged."""
    # As exact as liblinear's own program: more iterations are no more accurate.
    return _fitted(sklearn.svm.LinearSVC(C=C, tol=0.1, random_state=0), rows, labels)


def _accuracy(model, rows, labels):
    """Returns the accuracy of a classifier, of which some answers are computed at a time."""
    size = max(1, _PROBABILITIES // len(model.classes_))
    return float(np.mean(np.concatenate([model.predict(rows[first:first + len(some)]) == some
                                         for first, some in parts(size, labels)])))


@kept.scores
def pca(train_images, images, components, of=0):
    """Returns the mean squared error of a principal component reconstruction.

    Args:
        train_images, images: uint8 [N, H, W, C]; scaled to [0, 1] and flattened. Of large training
            images the first count, as many as are held as float32 in 512 MB.
        components: dimension of a code.
        of: how many training images there are.
    """
    known = _flat(train_images[:max(2, _HELD // train_images[0].size)])
    model = sklearn.decomposition.PCA(min(components, *known.shape), svd_solver="randomized",
                                      random_state=0).fit(known)
    error = sum(np.sum((block - model.inverse_transform(model.transform(block))) ** 2,
                       dtype=np.float64) for block in _blocks(images))
    return {"mse": float(error / images.size)} | held_out.fitted_on(len(known), of)


def independent_pixels(train_images, images, likelihood, of=0):
    """Returns the mean log-likelihood (`elbo`, nats per image) of pixels independent of each other.

    Args:
        train_images, images: uint8 [N, H, W, C]; scaled to [0, 1] and flattened.
        likelihood: `bernoulli` or `gaussian`, each pixel's with its own mean (and one variance
            for all pixels).
        of: how many training images there are.
    """
    mean = sum(block.sum(0, np.float64) for block in _blocks(train_images)) / len(train_images)
    if likelihood == "gaussian":
        variance = sum(np.sum((block - mean) ** 2) for block in _blocks(train_images))
        variance = max(variance / train_images.size, 1e-6)  # it is 0 of images that are all alike

        def log_likelihood(block):
            return -0.5 * (np.log(2 * np.pi * variance) + (block - mean) ** 2 / variance)
    else:
        mean = np.clip(mean, 1e-4, 1 - 1e-4)  # a pixel that was never lit is not impossible

        def log_likelihood(block):
            return block * np.log(mean) + (1 - block) * np.log(1 - mean)
    return {"elbo": float(sum(log_likelihood(block).sum() for block in _blocks(images))
                          / len(images))} | held_out.fitted_on(len(train_images), of)


def _blocks(images):
    """Yields uint8 [N, H, W, C] as float32 [B, H * W * C] in [0, 1], a part at a time."""
    size = max(1, _BLOCK // images[0].size)
    for first in range(0, len(images), size):
        yield _flat(images[first:first + size])


def _flat(images):
    """Returns uint8 [N, H, W, C] as float32 [N, D] in [0, 1]."""
    return images.reshape(len(images), -1).astype(np.float32) / 255
