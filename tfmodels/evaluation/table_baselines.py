"""What a practitioner would try first on a table: a linear model, and gradient boosting.

Both by scikit-learn, trained on the training split, their settings chosen on the validation split.
"""

import itertools

import numpy as np
import scipy.sparse
import sklearn.ensemble
import sklearn.impute
import sklearn.linear_model
import sklearn.pipeline
import sklearn.preprocessing
import threadpoolctl

from tfmodels.evaluation import classification, kept, regression, tuning

_CODES = 250  # most categories of a column that gradient boosting tells apart
_ROUNDS = 200  # most trees, or for each class


def mean_value(train, test):
    """Returns the scores of always answering the mean of the training values [N], for others."""
    mean = np.mean(train, dtype=np.float64)
    return regression.scores(np.full(len(test), mean), test, np.std(train, dtype=np.float64) or 1)


@kept.scores
def linear(train, validation, test):
    """Returns the scores of ridge or multinomial logistic regression.

    Numbers are standardized, missing ones are the mean and have an indicator, categories are
    one-hot. The strength of the penalty is the one of the lowest loss on validation.

    Args:
        train, validation, test: {"numbers": [N, n], "categories": [N, m] of bytes, "label" or
            "value": [N]}, of the first two what the table has.
    """
    encode = _one_hot(train)
    rows = [encode(part) for part in (train, validation, test)]
    tried = []
    for strength in (0.1, 1.0, 10.0, 100.0):
        if "label" in train:
            settings = {"C": 1 / strength}
            model = sklearn.linear_model.LogisticRegression(**settings, max_iter=1000, tol=1e-3)
            model.fit(rows[0], train["label"])
            answers = [_aligned(model.predict_proba(some), model.classes_) for some in rows[1:]]
        else:
            settings = {"alpha": strength}
            model = sklearn.linear_model.Ridge(**settings).fit(rows[0], train["value"])
            answers = [model.predict(some) for some in rows[1:]]
        tried.append((settings, _scores(answers[0], validation, train)["loss"], answers[1]))
    settings, answers = tuning.chosen("linear", tried, "loss", min)
    return _scores(answers, test, train) | {"settings": settings}


@kept.scores
# Two threads wait for each other a hundred times as long as they compute, where others compute too.
@threadpoolctl.threadpool_limits.wrap(limits=1, user_api="openmp")
def gradient_boosting(train, validation, test):
    """Returns the scores of gradient boosted trees (HistGradientBoosting).

    Learning rate, leaves and number of trees are those of the lowest loss on validation.

    Args:
        train, validation, test: as of `linear`.
    """
    encode = _codes(train)
    rows = [encode(part) for part in (train, validation, test)]
    of_categories = np.arange(rows[0].shape[1]) >= train.get("numbers", np.empty((0, 0))).shape[1]
    labelled = "label" in train
    kind = (sklearn.ensemble.HistGradientBoostingClassifier if labelled
            else sklearn.ensemble.HistGradientBoostingRegressor)
    tried = []
    for rate, leaves in ((0.1, 31), (0.1, 8), (0.03, 8)):
        model = kind(learning_rate=rate, max_leaf_nodes=leaves, max_iter=_ROUNDS, random_state=0,
                     early_stopping=False, categorical_features=of_categories)
        model.fit(rows[0], train["label" if labelled else "value"])
        staged = model.staged_predict_proba if labelled else model.staged_predict
        classes = model.classes_ if labelled else None
        losses = [_scores(_aligned(answers, classes), validation, train)["loss"]
                  for answers in staged(rows[1])]
        best = int(np.argmin(losses))
        answers = next(itertools.islice(staged(rows[2]), best, None))
        tried.append(({"learning_rate": rate, "leaves": leaves, "trees": best + 1}, losses[best],
                      _aligned(answers, classes)))
    settings, answers = tuning.chosen("gradient_boosting", tried, "loss", min)
    return _scores(answers, test, train) | {"settings": settings}


def _scores(answers, part, train):
    if "label" in part:
        short = max(0, part["label"].max(initial=0) + 1 - answers.shape[1])
        answers = np.pad(answers, ((0, 0), (0, short)))
        learnt = np.isin(np.arange(answers.shape[1]), train["label"])
        return classification.scores(
            classification.answers(answers, part["label"]), part["label"], learnt)
    return regression.scores(answers, part["value"], np.std(train["value"], dtype=np.float64) or 1)


def _aligned(answers, classes):
    """Returns probabilities with a column for each class; one that training lacks gets none."""
    if classes is None:
        return answers
    probabilities = np.zeros((len(answers), classes.max() + 1))
    probabilities[:, classes] = answers
    return probabilities


def _one_hot(train):
    """Returns what makes rows, a sparse matrix, of a part of a table."""
    numbers = sklearn.pipeline.make_pipeline(
        sklearn.impute.SimpleImputer(add_indicator=True, keep_empty_features=True),
        sklearn.preprocessing.StandardScaler())
    categories = sklearn.preprocessing.OneHotEncoder(handle_unknown="ignore", max_categories=1000)
    fitted = {name: encoder.fit(train[name]) for name, encoder in (
        ("numbers", numbers), ("categories", categories)) if name in train}
    return lambda part: scipy.sparse.hstack([
        scipy.sparse.csr_matrix(encoder.transform(part[name]))
        for name, encoder in fitted.items()]).tocsr()


def _codes(train):
    """Returns what makes rows [N, n + m], NaN where something is missing, of a part of a table."""
    encoder = sklearn.preprocessing.OrdinalEncoder(
        handle_unknown="use_encoded_value", unknown_value=np.nan, max_categories=_CODES)
    if "categories" in train:
        encoder.fit(train["categories"])
    return lambda part: np.concatenate(
        ([part["numbers"]] if "numbers" in part else [])
        + ([encoder.transform(part["categories"])] if "categories" in part else []), 1)
