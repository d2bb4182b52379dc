"""Processes that end in the middle of something: nothing is lost and the work goes on."""

import os
import shutil
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
import tensorflow as tf
from common import DIGITS, ROOT, TINY

# What is interrupted -> the function in which the process ends, and at which of its calls.
MOMENTS = {
    "saving a checkpoint": ("tfmodels.training.checkpoints._sync", 3),
    "writing events": ("tfmodels.training.events.save_png", 2),
    "exporting": ("tensorflow.saved_model.save", 1),
    "writing the manifest": ("os.fsync", 1),
    "preparing data": ("tfmodels.data.prepare._publish", 1),
}

# Runs the command line, and kills this process once the work of that call is half done or done.
KILLED = """
import importlib, os, signal, sys
sys.path.insert(0, {root!r})
from tfmodels.launcher import cli
from tfmodels.launcher import quiet
quiet.import_tensorflow()
place, _, name = {function!r}.rpartition(".")
module, left = importlib.import_module(place), {call}
original = getattr(module, name)
def then_die(*args, **kwargs):
    global left
    left -= 1
    result = original(*args, **kwargs)
    if not left:
        os.kill(os.getpid(), signal.SIGKILL)
    return result
setattr(module, name, then_die)
cli.main(["launch.py", *sys.argv[1:]])
"""


def _variables(run):
    reader = tf.train.load_checkpoint(str(run / "checkpoints" / "step-00000006" / "variables"))
    return {name: reader.get_tensor(name) for name in reader.get_variable_to_shape_map()
            if name.startswith("state/")}


@pytest.mark.parametrize("moment", MOMENTS)
def test_killed_in_the_middle_the_same_command_continues(moment, runs, launch, data_dir, tmp_path):
    function, call = MOMENTS[moment]
    data, dataset = data_dir, DIGITS
    if moment == "preparing data":  # a data set that this package prepares, and an empty folder
        data, dataset = tmp_path / "data", "--dataset=mnist_10k"
    command = ["--experiment=dense", "--run=täst", f"--logdir={tmp_path}", f"--data_dir={data}",
               dataset, *TINY]
    code = KILLED.format(root=str(ROOT), function=function, call=call)
    killed = subprocess.run([sys.executable, "-c", code, *command], capture_output=True, text=True)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    run = tmp_path / "dense" / "täst"
    assert not (run / "metrics.json").exists()
    code, _, err = launch(*command)
    assert code == 0, err
    left = [path for path in tmp_path.rglob("*")
            if path.name.startswith(("tmp-", "incomplete.")) or path.name.endswith(".tmp")]
    assert not left
    if dataset == DIGITS:
        expected, found = _variables(runs("dense")), _variables(run)
        assert expected.keys() == found.keys()
        for name in expected:
            np.testing.assert_array_equal(found[name], expected[name], err_msg=name)


@pytest.mark.parametrize(("mode", "signum"), [
    ("evaluate", signal.SIGTERM), ("evaluate", signal.SIGINT), ("sample", signal.SIGTERM),
    ("export", signal.SIGINT)])
def test_signal_in_any_mode_leaves_the_run_as_it_was(mode, signum, runs, spawn, tmp_path):
    experiment = "gan" if mode == "sample" else "dense"
    run = shutil.copytree(runs(experiment), tmp_path / experiment / "täst")
    lock = run.with_name(".täst.lock")
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    process = spawn(f"--mode={mode}", f"--run={experiment}/täst", f"--logdir={tmp_path}")
    deadline = time.monotonic() + 60
    while not lock.exists() or lock.read_text() != str(process.pid):  # held: signals are answered
        assert process.poll() is None, process.communicate()[0]
        assert time.monotonic() < deadline
        time.sleep(0.01)
    time.sleep(0.3)  # into the work
    process.send_signal(signum)
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 128 + signum, output
    assert "saved step 6" in output
    assert "Traceback" not in output
    after = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    assert after == before


@pytest.mark.parametrize("signum", [signal.SIGTERM, signal.SIGINT])
def test_signal_in_one_long_native_call_is_heard(signum):
    """A call that would go on for hours, in which Python answers no signal by itself."""
    code = ("import hashlib, threading; from tfmodels.training.signals import StopSignals\n"
            "with StopSignals('the run is as it was, saved step 6'):\n"
            "    threading.Timer(0.5, print, ['working'], {'flush': True}).start()\n"
            "    hashlib.pbkdf2_hmac('sha512', b'', b'', 2**31 - 1)")
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, text=True, cwd=ROOT)
    assert process.stdout.readline() == "working\n"
    process.send_signal(signum)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 128 + signum
    assert err == f"error: {signal.Signals(signum).name}: the run is as it was, saved step 6\n"


def test_second_interrupt_ends_the_process_at_once():
    code = ("import time; from tfmodels.training.signals import StopSignals\n"
            "with StopSignals() as signals, signals.deferred():\n"
            "    print('working', flush=True); time.sleep(1); time.sleep(60)")
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True,
                               cwd=ROOT, env=os.environ)
    assert process.stdout.readline() == "working\n"
    process.send_signal(signal.SIGINT)
    time.sleep(0.2)
    assert process.poll() is None  # the first is deferred: the step under way is finished
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=10) == 130
