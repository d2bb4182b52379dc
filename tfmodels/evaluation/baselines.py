"""The models a practitioner would try first, trained on the same split by scikit-learn.

Their regularisation was chosen once, on the validation splits of the embedded data.
"""

import numpy as np
import sklearn.decomposition
import sklearn.feature_extraction.text
import sklearn.linear_model
import sklearn.pipeline
import sklearn.svm

from tfmodels.evaluation import classification

TRAINED_ON = 60_000  # most training examples of a baseline: all of MNIST, but not of any large set


def majority_class(train_labels, labels):
    """Returns the accuracy of always answering the most frequent training label."""
    return {"accuracy": float(np.mean(labels == np.bincount(train_labels).argmax()))}


def logistic_regression(train_images, train_labels, images, labels):
    """Returns accuracy and cross-entropy (nats) of multinomial logistic regression on pixels.

    Args:
        train_images, images: uint8 [N, H, W, C]; scaled to [0, 1] and flattened.
        train_labels, labels: int [N].
    """
    model = sklearn.linear_model.LogisticRegression(C=0.1, tol=5e-4, max_iter=300)
    model.fit(_flat(train_images), train_labels)
    # A class that training does not have gets no probability.
    probabilities = np.zeros((len(images), max(train_labels.max(), labels.max()) + 1))
    probabilities[:, model.classes_] = model.predict_proba(_flat(images))
    return classification.scores(probabilities, labels)


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

    Args:
        train_images, images: uint8 [N, H, W, C]; scaled to [0, 1] and flattened.
        components: numbers in a code; more than images or pixels say nothing further.
    """
    known, flat = _flat(train_images), _flat(images)
    model = sklearn.decomposition.PCA(min(components, *known.shape), svd_solver="randomized",
                                      random_state=0)
    model.fit(known)
    restored = model.inverse_transform(model.transform(flat))
    return {"mse": float(np.mean((flat - restored) ** 2))}


def independent_pixels(train_images, images, likelihood):
    """Returns the mean log-likelihood (`elbo`, nats per image) of pixels independent of each other.

    Args:
        train_images, images: uint8 [N, H, W, C]; scaled to [0, 1] and flattened.
        likelihood: `bernoulli` or `gaussian`, each pixel's with its own mean (and one variance
            for all pixels).
    """
    known, flat = _flat(train_images), _flat(images)
    mean = known.mean(0)
    if likelihood == "gaussian":
        variance = max(np.mean((known - mean) ** 2), 1e-6)  # of images that are all alike it is 0
        each = -0.5 * (np.log(2 * np.pi * variance) + (flat - mean) ** 2 / variance)
    else:
        mean = np.clip(mean, 1e-4, 1 - 1e-4)  # a pixel that was never lit is not impossible
        each = flat * np.log(mean) + (1 - flat) * np.log(1 - mean)
    return {"elbo": float(each.sum(1).mean())}


def _flat(images):
    """Returns uint8 [N, H, W, C] as float32 [N, H * W * C] in [0, 1]."""
    return images.reshape(len(images), -1).astype(np.float32) / 255
