"""What all tests share: quiet TensorFlow, data prepared once, and the command line."""

import os
import shutil
import sys
import tempfile
import types

import numpy as np
import pytest
from common import once, tiny
from processes import CommandLine

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
# What XLA compiles here runs for a moment: without the optimizations that take it seconds.
os.environ["XLA_FLAGS"] = "--xla_backend_optimization_level=0 " + os.environ.get("XLA_FLAGS", "")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    """Begins with the tests of whole runs, which take longest, so that none is left at the end."""
    items.sort(key=lambda item: len(item.path.parts))


@pytest.fixture(scope="session")
def shared(tmp_path_factory):
    """A folder of this test session, shared by its processes."""
    own = tmp_path_factory.getbasetemp()
    return own.parent if "PYTEST_XDIST_WORKER" in os.environ else own


@pytest.fixture(scope="session", autouse=True)
def temporary_files(tmp_path_factory):
    """Keeps what libraries leave in the folder for temporary files among those of pytest."""
    with pytest.MonkeyPatch.context() as patch:
        folder = str(tmp_path_factory.mktemp("tmp"))
        patch.setenv("TMPDIR", folder)
        patch.setattr(tempfile, "tempdir", folder)
        yield


@pytest.fixture(autouse=True)
def as_a_new_process():
    """Undoes what a run in this process has set, so that no test inherits it."""
    yield
    if "keras" in sys.modules:
        sys.modules["keras"].config.set_dtype_policy("float32")
    if "tfmodels.evaluation.kept" in sys.modules:
        sys.modules["tfmodels.evaluation.kept"].use(None)


@pytest.fixture(scope="session")
def data_dir(shared):
    """A folder, with a space and a non-ASCII letter, where data is prepared once."""
    return once(shared / "prepared däta", prepare_tiny_sets)


def prepare_tiny_sets(folder):
    """Prepares the sets that stand for the embedded ones.

    `tiny_digits`: 300 training and 100 test digits of scikit-learn, 8x8 pixels. `tiny_verses`: 250
    and 50 verses with their genre. `tiny_pairs`: as many pairs of a verse's first words and the
    words that follow.
    """
    import sklearn.datasets
    import tensorflow_datasets as tfds

    from tfmodels.data.kjv_verses import GENRE_OF, GENRES, read_verses
    text = tfds.features.Text()
    verses = [(book, verse) for book, _, _, verse in read_verses()[::103][:300]]

    class Tiny(tfds.core.GeneratorBasedBuilder):
        VERSION = tfds.core.Version("1.0.0")
        train, test = 250, 50

        def _info(self):
            return tfds.core.DatasetInfo(
                builder=self, supervised_keys=tuple(self.features),
                features=tfds.features.FeaturesDict(self.features))

        def _split_generators(self, _):
            return {"train": self._generate_examples(0, self.train),
                    "test": self._generate_examples(self.train, self.train + self.test)}

        def _generate_examples(self, first, end):
            for index in range(first, end):
                yield index, dict(zip(self.features, self.example(index), strict=True))

    class TinyDigits(Tiny):
        """Digits of scikit-learn's load_digits."""

        train, test = 300, 100
        features = {"image": tfds.features.Image(shape=(8, 8, 1)),
                    "label": tfds.features.ClassLabel(num_classes=10)}
        digits = sklearn.datasets.load_digits()

        def example(self, index):
            image = (self.digits.images[index] * 255 / 16).astype("uint8")[..., None]
            return image, int(self.digits.target[index])

    class TinyVerses(Tiny):
        """Verses of the King James Bible, from all its parts."""

        features = {"text": text, "label": tfds.features.ClassLabel(names=list(GENRES))}

        def example(self, index):
            book, verse = verses[index]
            return verse, GENRE_OF[book]

    class TinyPairs(Tiny):
        """The first four words of a verse and the four that follow."""

        features = {"start": text, "continuation": text}

        def example(self, index):
            words = verses[index][1].split()
            return " ".join(words[:4]), " ".join(words[4:8])

    tfds.disable_progress_bar()
    for builder in (TinyDigits, TinyVerses, TinyPairs):
        builder(data_dir=str(folder)).download_and_prepare()


@pytest.fixture(scope="session")
def runs(data_dir, shared, tmp_path_factory):
    """Trains each experiment once, for a few steps; name -> this process's copy of the run."""
    from tfmodels.launcher import cli
    logdir = tmp_path_factory.mktemp("rüns of tests")

    def run(experiment):
        def train(folder):
            assert cli.main(["launch.py", f"--experiment={experiment}", "--run=täst",
                             *tiny(experiment), f"--data_dir={data_dir}",
                             f"--logdir={folder}"]) == 0

        copy = logdir / experiment / "täst"
        if not copy.exists():
            trained = once(shared / f"trained {experiment}", train)
            shutil.copytree(trained / experiment / "täst", copy)
        return copy
    return run


@pytest.fixture
def dense_run(runs, tmp_path):
    """A copy of the finished tiny run of `dense`, that a test may change or damage."""
    return shutil.copytree(runs("dense"), tmp_path / "dense" / "täst")


@pytest.fixture
def launch(data_dir, capsys):
    """Calls the command line in this process; returns (exit code, stdout, stderr)."""
    from tfmodels.launcher import cli

    def call(*flags):
        code = cli.main(["launch.py", *flags])
        captured = capsys.readouterr()
        return code, captured.out, captured.err
    return call


@pytest.fixture
def spawn(data_dir):
    """Starts the command line as a process of its own; see `CommandLine`."""
    started = []

    def start(*flags, dies_in=None):
        started.append(CommandLine(flags, {"TFDS_DATA_DIR": str(data_dir)}, dies_in))
        return started[-1]
    yield start
    for process in started:
        process.close()


@pytest.fixture(scope="session")
def digits():
    """`train`, `test` uint8 [N, 28, 28, 1], `train_labels`, `test_labels` and `names`.

    Of mnist_10k, straight from the package's file.
    """
    from tfmodels.data.mnist_10k import SOURCE
    with np.load(SOURCE) as file:
        return types.SimpleNamespace(
            train=file["x_train"][..., None], test=file["x_test"][..., None],
            train_labels=file["y_train"], test_labels=file["y_test"],
            names=tuple(map(str, range(10))))
