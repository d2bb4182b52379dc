"""What all tests share: quiet TensorFlow, data prepared once, and the command line."""

import os
import pathlib
import subprocess
import sys

import pytest

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
ROOT = pathlib.Path(__file__).parents[1]


@pytest.fixture(scope="session")
def data_dir(tmp_path_factory):
    """A folder, with a space and a non-ASCII letter, where embedded data is prepared once."""
    return tmp_path_factory.mktemp("prepared däta")


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
        process.kill()
        process.communicate()
