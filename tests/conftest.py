"""What all tests share: quiet TensorFlow, data prepared once, and the command line."""

import os
import shutil
import subprocess
import sys

import pytest
from common import DIGITS, ROOT, TINY

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

@pytest.fixture(scope="session")
def data_dir(tmp_path_factory):
    """A folder, with a space and a non-ASCII letter, where data is prepared once."""
    folder = tmp_path_factory.mktemp("prepared däta")
    prepare_tiny_digits(folder)
    return folder


def prepare_tiny_digits(folder):
    """Prepares `tiny_digits`: 300 training and 100 test digits of scikit-learn, 8x8 pixels."""
    import sklearn.datasets
    import tensorflow_datasets as tfds

    class TinyDigits(tfds.core.GeneratorBasedBuilder):
        """Digits of scikit-learn's load_digits."""

        VERSION = tfds.core.Version("1.0.0")

        def _info(self):
            return tfds.core.DatasetInfo(builder=self, supervised_keys=("image", "label"),
                                         features=tfds.features.FeaturesDict({
                                             "image": tfds.features.Image(shape=(8, 8, 1)),
                                             "label": tfds.features.ClassLabel(num_classes=10)}))

        def _split_generators(self, _):
            return {"train": self._generate_examples(0, 300),
                    "test": self._generate_examples(300, 400)}

        def _generate_examples(self, first, end):
            digits = sklearn.datasets.load_digits()
            for index in range(first, end):
                image = (digits.images[index] * 255 / 16).astype("uint8")[..., None]
                yield index, {"image": image, "label": int(digits.target[index])}

    tfds.disable_progress_bar()
    TinyDigits(data_dir=str(folder)).download_and_prepare()


@pytest.fixture(scope="session")
def runs(data_dir, tmp_path_factory):
    """Trains each experiment once, for a few steps; name -> run folder, on demand."""
    from experiments import cli, pages
    logdir = tmp_path_factory.mktemp("rüns of tests")
    folders = {}

    def run(experiment):
        if experiment not in folders:
            images = pages.config_class(experiment)().dataset == "mnist_10k"
            code = cli.main(["launch.py", f"--experiment={experiment}", "--run=täst", *TINY,
                             f"--data_dir={data_dir}", f"--logdir={logdir}"]
                            + [DIGITS] * images)
            assert code == 0
            folders[experiment] = logdir / experiment / "täst"
        return folders[experiment]
    return run


@pytest.fixture
def dense_run(runs, tmp_path):
    """A copy of the finished tiny run of `dense`, that a test may change or damage."""
    return shutil.copytree(runs("dense"), tmp_path / "dense" / "täst")


@pytest.fixture
def launch(data_dir, capsys):
    """Calls the command line in this process; returns (exit code, stdout, stderr)."""
    from experiments import cli

    def call(*flags):
        code = cli.main(["launch.py", *flags])
        captured = capsys.readouterr()
        return code, captured.out, captured.err
    return call


@pytest.fixture
def spawn(data_dir):
    """Starts the command line as a process of its own, as a user does."""
    started = []

    def start(*flags):
        process = subprocess.Popen(
            [sys.executable, str(ROOT / "launch.py"), *flags], stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True,
            env=os.environ | {"TFDS_DATA_DIR": str(data_dir)})
        started.append(process)
        return process
    yield start
    for process in started:
        if process.poll() is None:
            process.kill()
            process.wait()
