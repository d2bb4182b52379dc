"""Processes that end in the middle of something: nothing is lost and the work goes on."""

import importlib
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

from tfmodels.errors import InputError, Stopped
from tfmodels.training.signals import StopSignals

# What is interrupted -> the function at whose end the process dies, and at which of its calls.
MOMENTS = {
    "saving a checkpoint": ("tfmodels.training.checkpoints._sync", 3),
    "writing events": ("tfmodels.training.events.save_png", 2),
    "exporting": ("tensorflow.saved_model.save", 1),
    "writing the manifest": ("os.fsync", 1),
    "preparing data": ("tfmodels.data.prepare._publish", 1),
}


def _variables(run):
    reader = tf.train.load_checkpoint(str(run / "checkpoints" / "step-00000006" / "variables"))
    return {name: reader.get_tensor(name) for name in reader.get_variable_to_shape_map()
            if name.startswith("state/")}


@pytest.mark.parametrize("moment", MOMENTS)
def test_killed_in_the_middle_the_same_command_continues(
        moment, runs, launch, spawn, data_dir, tmp_path):
    data, dataset = data_dir, DIGITS
    if moment == "preparing data":  # a data set that this package prepares, and an empty folder
        data, dataset = tmp_path / "data", "--dataset=mnist_10k"
    command = ["--experiment=dense", "--run=täst", f"--logdir={tmp_path}", f"--data_dir={data}",
               dataset, *TINY, *["--train_examples=300"] * (dataset != DIGITS)]
    killed = spawn(*command, dies_in=MOMENTS[moment])
    output, _ = killed.communicate()
    assert killed.returncode == -signal.SIGKILL, output
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


@pytest.mark.parametrize(("mode", "signum", "place"), [
    ("evaluate", signal.SIGTERM, "tfmodels.export.saved_model.load"),
    ("evaluate", signal.SIGINT, "tfmodels.launcher.building.build_task"),
    ("sample", signal.SIGTERM, "tfmodels.export.saved_model.load"),
    ("export", signal.SIGINT, "tfmodels.launcher.building.build_task")])
def test_signal_in_any_mode_leaves_the_run_as_it_was(mode, signum, place, runs, launch, tmp_path,
                                                     monkeypatch):
    experiment = "gan" if mode == "sample" else "dense"
    shutil.copytree(runs(experiment), tmp_path / experiment / "täst")
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    module, _, name = place.rpartition(".")
    module = importlib.import_module(module)
    original = getattr(module, name)

    def call_and_signal(*args):
        result = original(*args)
        os.kill(os.getpid(), signum)
        return result
    monkeypatch.setattr(module, name, call_and_signal)
    code, _, err = launch(f"--mode={mode}", f"--run={experiment}/täst", f"--logdir={tmp_path}")
    assert code == 128 + signum
    assert "saved step 6" in err
    assert "Traceback" not in err
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
    _, err = process.communicate(timeout=300)
    assert process.returncode == 128 + signum
    assert err == f"error: {signal.Signals(signum).name}: the run is as it was, saved step 6\n"


@pytest.mark.parametrize("other", [
    RuntimeError("Exception encountered when calling Layer.call()"), InputError("not readable")])
def test_what_another_library_makes_of_a_signal_is_the_signal(other):
    def work():
        try:
            os.kill(os.getpid(), signal.SIGTERM)
            time.sleep(60)
        except Stopped:
            raise other from None
    with pytest.raises(Stopped, match="SIGTERM: saved step 6"), StopSignals("saved step 6"):
        work()


class Finalized:
    """In whose finalizer a signal comes."""

    def __del__(self):
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(0.2)


def test_a_signal_that_a_finalizer_swallows_comes_again(capsys):
    def work():
        Finalized()
        time.sleep(60)
    with pytest.raises(Stopped), StopSignals("saved step 6"):
        work()
    assert capsys.readouterr().err == ""


def test_second_interrupt_ends_the_process_at_once():
    code = ("import time; from tfmodels.training.signals import StopSignals\n"
            "with StopSignals() as signals, signals.deferred():\n"
            "    print('working', flush=True)\n"
            "    while not signals.received: time.sleep(0.01)\n"
            "    print('heard', flush=True); time.sleep(600)")
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True,
                               cwd=ROOT, env=os.environ)
    assert process.stdout.readline() == "working\n"
    process.send_signal(signal.SIGINT)
    assert process.stdout.readline() == "heard\n"  # and deferred: the step is finished first
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=300) == 130
