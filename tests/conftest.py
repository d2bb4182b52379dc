"""What all tests share: quiet TensorFlow, data prepared once, and the command line."""

import os
import subprocess
import sys

import pytest
from common import ROOT, TINY

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

@pytest.fixture(scope="session")
def data_dir(tmp_path_factory):
    """A folder, with a space and a non-ASCII letter, where embedded data is prepared once."""
    return tmp_path_factory.mktemp("prepared däta")


@pytest.fixture(scope="session")
def runs(data_dir, tmp_path_factory):
    """Trains each experiment once, for a few steps; name -> run folder, on demand."""
    from experiments import cli
    logdir = tmp_path_factory.mktemp("rüns of tests")
    folders = {}

    def run(experiment):
        if experiment not in folders:
            code = cli.main(["launch.py", f"--experiment={experiment}", "--run=täst", *TINY,
                             f"--data_dir={data_dir}", f"--logdir={logdir}"])
            assert code == 0
            folders[experiment] = logdir / experiment / "täst"
        return folders[experiment]
    return run


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
