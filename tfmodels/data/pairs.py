"""Pairs of texts cut into splits that share no group of near-identical sources."""

import abc
import hashlib

import tensorflow_datasets as tfds

from tfmodels.data import catalog
from tfmodels.data.local_info import LocalInfo

SPLITS = ("train", "validation", "test")


def split_of(group):
    """Returns the split of a group of pairs: a tenth test, a tenth validation, the others train.

    It depends on the group's name alone, so that pairs added later move none of the others.

    Args:
        group: str; pairs that would give one another away have the same.
    """
    tenth = int.from_bytes(hashlib.sha256(group.encode()).digest(), "big") % 10
    return {0: "test", 1: "validation"}.get(tenth, "train")


def by_split(pairs, group_of):
    """Sorts pairs into splits, each once.

    Args:
        pairs: iterable of (source, target).
        group_of: source -> name of its group.

    Returns:
        {split: list of (source, target), in the order of their first appearance}.
    """
    splits = {split: [] for split in SPLITS}
    for source, target in dict.fromkeys(pairs):
        splits[split_of(group_of(source))].append((source, target))
    return splits


class PairsBuilder(tfds.core.GeneratorBasedBuilder):
    """An embedded set of pairs; a subclass names its `keys` (source, target) and its origin."""

    keys = homepage = license = None

    @abc.abstractmethod
    def pairs(self):
        """Yields (source, target), str each."""

    @abc.abstractmethod
    def group(self, source):
        """Returns the name of a source's group, see `split_of`."""

    def _info(self):
        return LocalInfo(
            builder=self,
            description=catalog.EMBEDDED[self.name].content,
            features=tfds.features.FeaturesDict(dict.fromkeys(self.keys, tfds.features.Text())),
            supervised_keys=self.keys,
            homepage=self.homepage,
            license=self.license,
        )

    def _split_generators(self, dl_manager):
        splits = by_split(self.pairs(), self.group)
        return {split: self._generate_examples(pairs) for split, pairs in splits.items()}

    def _generate_examples(self, pairs):
        for index, pair in enumerate(pairs):
            yield index, dict(zip(self.keys, pair, strict=True))
