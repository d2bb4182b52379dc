"""Pairs of texts cut into splits that share no group of near-identical sources."""

import hashlib

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
