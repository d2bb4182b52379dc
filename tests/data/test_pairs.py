import collections
import pathlib
import re

import chatterbot_corpus
import emoji
import pytest
import tensorflow_datasets as tfds
import yaml

from tfmodels.data import catalog, pairs, prepare


@pytest.fixture(scope="module")
def examples(tmp_path_factory):
    """Prepares a set of pairs and returns {split: list of (source, target)}."""
    folder = tmp_path_factory.mktemp("päirs")

    def read(name):
        prepare.prepare(name, folder)
        builder = tfds.builder(name, data_dir=folder)
        source, target = builder.info.supervised_keys
        return {split: [(row[source].decode(), row[target].decode()) for row in
                        tfds.as_numpy(builder.as_dataset(split=split))]
                for split in builder.info.splits}
    return read


@pytest.mark.parametrize(("name", "total"), [("chat_pairs", 1079), ("emoji_names", 3963)])
def test_sizes_are_those_of_the_catalogue_and_no_source_is_in_two_splits(name, total, examples):
    splits = examples(name)
    assert {split: len(rows) for split, rows in splits.items()} == catalog.EMBEDDED[name].splits
    rows = [row for split in splits.values() for row in split]
    assert len(rows) == len(set(rows)) == total
    homes = collections.defaultdict(set)
    for split, found in splits.items():
        for source, _ in found:
            homes[source.lower().rstrip("?!. ")].add(split)
    assert all(len(home) == 1 for home in homes.values())


def test_chat_pairs_answer_in_the_corpus_what_they_answer_here(examples):
    after = collections.defaultdict(set)  # line of the corpus -> those after it
    for file in (pathlib.Path(chatterbot_corpus.__file__).parent / "data/english").iterdir():
        for conversation in yaml.safe_load(file.read_bytes())["conversations"]:
            lines = [line.strip() for line in conversation]
            for index, line in enumerate(lines):
                after[line].update(lines[index + 1:])
    for rows in examples("chat_pairs").values():
        for question, answer in rows:
            assert answer in after[question]
            assert "\n" not in question + answer


def test_emoji_names_are_those_of_cldr_and_variants_stay_together(examples):
    emoji.config.load_language("fr")
    known = {(entry["en"], entry["fr"]) for entry in emoji.EMOJI_DATA.values()}
    known = {tuple(name[1:-1].replace("_", " ") for name in pair) for pair in known}
    splits = examples("emoji_names")
    homes = collections.defaultdict(set)
    for split, rows in splits.items():
        assert set(rows) <= known
        for english, _ in rows:
            homes[re.sub(r" (medium-)?(light|medium|dark) skin tone", "", english)].add(split)
    assert all(len(home) == 1 for home in homes.values())
    of_word = {word: {split for split, rows in splits.items() for english, _ in rows
                      if word in english.split()} for word in ("firefighter", "bunny")}
    assert [len(found) for found in of_word.values()] == [1, 1]


def test_the_split_of_a_pair_depends_on_its_group_alone():
    rows = [(f"group {number}", str(copy)) for number in range(2000) for copy in range(2)]
    splits = pairs.by_split([*rows, *rows], lambda source: source)
    assert list(splits) == ["train", "validation", "test"]
    assert [sorted(rows) for rows in splits.values()] == [
        sorted(found) for found in pairs.by_split(reversed(rows), lambda source: source).values()]
    assert sum(map(len, splits.values())) == 4000
    assert len(splits["test"]) == pytest.approx(400, abs=80)
    assert len(splits["validation"]) == pytest.approx(400, abs=80)
