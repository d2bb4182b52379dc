"""The models a practitioner would try first, trained on the same split by scikit-learn.

Their regularisation was chosen once, on the validation splits of the embedded data.
"""

import numpy as np
import sklearn.feature_extraction.text
import sklearn.linear_model
import sklearn.metrics
import sklearn.pipeline
import sklearn.svm

from tfmodels.evaluation import pictures

TRAINED_ON = 60_000  # most training examples of a baseline: all of MNIST, but not of any large set
_MOST_BYTES = 1 << 29  # of images that are held for a baseline or a score
_BLOCK = 1 << 23  # numbers that are held as float32 at a time


def first_images(split):
    """Returns the first images of a split, at most `TRAINED_ON` and 512 MB of them.

    Args:
        split: a `Split` with image.
    """
    return split.head(min(TRAINED_ON, _MOST_BYTES * split.size // split.nbytes()))["image"]


def majority_class(train_labels, labels):
    """Returns the accuracy of always answering the most frequent training label."""
    return {"accuracy": float(np.mean(labels == np.bincount(train_labels).argmax()))}


def logistic_regression(train_images, train_labels, images, labels):
    """Returns accuracy and cross-entropy (nats) of multinomial logistic regression on pixels.

    Args:
        train_images, images: uint8 [N, H, W, C]; scaled to [0, 1] and flattened, those of more
            than 32x32 pixels to that size by averaging.
        train_labels, labels: int [N].
    """
    model = sklearn.linear_model.LogisticRegression(C=0.1, tol=5e-4, max_iter=300)
    model.fit(_flat(train_images), train_labels)
    probabilities = model.predict_proba(_flat(images))
    return {
        "accuracy": float(np.mean(model.classes_[probabilities.argmax(1)] == labels)),
        "loss": float(sklearn.metrics.log_loss(labels, probabilities, labels=model.classes_)),
    }


def tfidf_svm(train_texts, train_labels, texts, labels):
    """Returns the accuracy of a linear SVM on TF-IDF weighted words and word pairs.

    Args:
        train_texts, texts: sequences of UTF-8 bytes.
        train_labels, labels: int [N].
    """
    model = sklearn.pipeline.make_pipeline(
        sklearn.feature_extraction.text.TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True),
        sklearn.svm.LinearSVC(C=0.8))
    model.fit(list(train_texts), train_labels)
    return {"accuracy": float(model.score(list(texts), labels))}


def pca(train_images, images, components):
    """Returns the mean squared error of a principal component reconstruction.

    Subspace iteration on the covariance (Halko et al. 2011, algorithm 4.4), a block of images at a
    time: memory and time are linear in the pixels.

    Args:
        train_images, images: uint8 [N, H, W, C]; scaled to [0, 1] and flattened.
        components: numbers in a code.
    """
    mean = sum(block.sum(0, np.float64) for block in _blocks(train_images)) / len(train_images)
    mean = mean.astype(np.float32)
    random = np.random.default_rng(0)
    axes = random.standard_normal((mean.size, min(components + 10, mean.size)), np.float32)
    for _ in range(7):
        axes = np.linalg.qr(sum((block - mean).T @ ((block - mean) @ axes)
                                for block in _blocks(train_images)))[0]
    codes = np.concatenate([(block - mean) @ axes for block in _blocks(train_images)])
    axes = axes @ np.linalg.eigh(codes.T @ codes)[1][:, -components:]  # of most variance
    error = 0.0
    for block in _blocks(images):
        centred = block - mean
        error += np.sum((centred - centred @ axes @ axes.T) ** 2, dtype=np.float64)
    return {"mse": float(error / images.size)}


def independent_pixels(train_images, images, likelihood):
    """Returns the mean log-likelihood (`elbo`, nats per image) of pixels independent of each other.

    Args:
        train_images, images: uint8 [N, H, W, C]; scaled to [0, 1] and flattened.
        likelihood: `bernoulli` or `gaussian`, each pixel's with its own mean (and one variance
            for all pixels).
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
                          / len(images))}


def _blocks(images):
    """Yields uint8 [N, H, W, C] as float32 [B, H * W * C] in [0, 1], a part at a time."""
    size = max(1, _BLOCK // images[0].size)
    for first in range(0, len(images), size):
        block = images[first:first + size]
        yield block.reshape(len(block), -1).astype(np.float32) / 255


def _flat(images):
    """Returns uint8 [N, H, W, C], at most 32x32 pixels of each, as float32 [N, D] in [0, 1]."""
    images = pictures.thumbnails(images, 32)
    return images.reshape(len(images), -1).astype(np.float32) / 255
