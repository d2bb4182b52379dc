"""The diabetes table of the package scikit-learn as an embedded TFDS builder."""

import hashlib

import numpy as np
import sklearn.datasets
import tensorflow_datasets as tfds

from tfmodels.data import catalog
from tfmodels.data.features import Columns
from tfmodels.data.local_info import LocalInfo
from tfmodels.data.own import splits

_SHARES = {"train": 0.7, "validation": 0.15, "test": 0.15}  # so few rows need many to be told by
_COLUMNS = Columns(("age", "bmi", "bp", "s1", "s2", "s3", "s4", "s5", "s6"), ("sex",),
                   "progression")


class DiabetesTable(tfds.core.GeneratorBasedBuilder):
    """`numbers` float32 [9], `categories` string [1] (sex, 1 or 2), `value` float32 in [25, 346].

    The patients of Efron et al., "Least Angle Regression", Annals of Statistics 2004: age, body
    mass index, blood pressure and six blood serum measurements, as they were measured; the value is
    a measure of the disease's progression a year later. Which split a row is in follows from a hash
    of its features.
    """

    name = "diabetes_table"
    VERSION = tfds.core.Version(catalog.EMBEDDED[name].version)

    def _info(self):
        return LocalInfo(
            builder=self,
            description=catalog.EMBEDDED[self.name].content,
            features=tfds.features.FeaturesDict(
                _COLUMNS.features() | {"value": tfds.features.Scalar(np.float32)}),
            metadata=_COLUMNS.metadata(),
            homepage="https://www4.stat.ncsu.edu/~boos/var.select/diabetes.html",
            license="BSD-3-Clause, as a part of scikit-learn",
        )

    def _split_generators(self, dl_manager):
        return {split: self._generate_examples(split) for split in _SHARES}

    def _generate_examples(self, split):
        rows, values = sklearn.datasets.load_diabetes(return_X_y=True, scaled=False)
        for index, (row, value) in enumerate(zip(rows, values, strict=True)):
            digest = hashlib.sha256(repr(row.tolist()).encode()).digest()
            if splits.by_place(splits.place(digest), _SHARES) == split:
                age, sex, *others = row
                yield index, {"numbers": [age, *others], "categories": [f"{sex:g}"],
                              "value": value}
