"""Checkpoints that hold everything that decides the next step, and are whole or absent.

    checkpoints/step-00000500/variables.index, variables.data-00000-of-00001, contents.json

A checkpoint is written under a temporary name, synced, and renamed when complete, so that the
newest folder is always usable; `contents.json` lists its files with their sha256, and holds what
decides the next step and is no variable. There is no state file that could be lost: the newest is
the one with the highest step in its name.
"""

import hashlib
import os
import pathlib
import re
import shutil

import keras
import tensorflow as tf

from tfmodels import files
from tfmodels.errors import CheckpointError
from tfmodels.training import checkpoint_files


def optimizers(model):
    """Returns the optimizers of a compiled model by attribute name."""
    return {name.lstrip("_"): value for name, value in sorted(vars(model).items())
            if isinstance(value, keras.optimizers.Optimizer)}


def state(model):
    """Returns every variable that decides the next step, by a unique name.

    That is the model's weights, moving statistics, metric states and SeedGenerator states (which
    no Keras or TensorFlow saver includes), and all slots and counters of its optimizers.
    """
    variables = {}

    def add(prefix, items):
        for variable in items:
            name = base = f"{prefix}/{variable.path}"
            repeat = 1
            while name in variables:
                name = f"{base}_{repeat}"
                repeat += 1
            variables[name] = variable.value

    add("model", model.variables)
    add("metrics", model.metrics_variables)
    for name, optimizer in optimizers(model).items():
        add(name, optimizer.variables)
    return variables


def digest(model):
    """Returns the sha256, in hexadecimal, of every variable that `state` returns."""
    whole = hashlib.sha256()
    for name, variable in sorted(state(model).items()):
        whole.update(name.encode() + variable.numpy().tobytes())
    return whole.hexdigest()


class Checkpoints:
    """The last few checkpoints of a run.

    Args:
        folder: where they are kept; made when the first is saved.
        model: a built and compiled model whose optimizers are built.
        extra: dict of other trackables, such as a data iterator.
        keep: how many to keep.

    Attributes:
        notes: what `save` was given with the checkpoint that was restored last; {} before that,
            and for one without.
    """

    def __init__(self, folder, model, extra=None, keep=3):
        self._folder = pathlib.Path(folder)
        self._keep = keep
        self.notes = {}
        self._checkpoint = tf.train.Checkpoint(state=state(model), extra=dict(extra or {}))

    def steps(self):
        """Returns the steps of the checkpoints present, in order."""
        return checkpoint_files.steps(self._folder)

    def save(self, step, notes=None, pinned=()):
        """Saves the state as that of `step` (steps done), whole or not at all.

        Args:
            step: a checkpoint of it that is there already is replaced.
            notes: dict of what goes with it, as JSON.
            pinned: steps whose checkpoints are kept, however old.
        """
        self.sweep()
        final = self._path(step)
        temporary = final.with_name(f"tmp-{final.name}")
        temporary.mkdir(parents=True)
        self._checkpoint.write(str(temporary / "variables"))
        contents = {file.name: files.sha256(file)
                    for file in sorted(temporary.iterdir())}
        for name in contents:
            _sync(temporary / name)
        files.write_json(temporary / "contents.json", {
            "step": step, "files": contents, "notes": notes or {}})
        _sync(temporary)
        if final.exists():
            os.replace(final, final.with_name(f"old-{final.name}"))
        os.replace(temporary, final)
        _sync(self._folder)
        kept = {*self.steps()[-self._keep:], *pinned}
        for old in self.steps():
            if old not in kept:
                shutil.rmtree(self._path(old))
        self.sweep()

    def restore(self, warn=print, last=None):
        """Restores the newest whole checkpoint and returns its step; 0 when there is none.

        A damaged checkpoint is renamed to `damaged-…` with a warning, and the one before is used.

        Args:
            warn: prints a line.
            last: the step of the latest that is taken, None for all.

        Raises:
            CheckpointError: there are checkpoints, but none is usable, or the newest whole one is
                of another model or of data that was read in another way.
        """
        self.sweep()
        steps = [step for step in self.steps() if last is None or step <= last]
        for step in reversed(steps):
            path = self._path(step)
            fault = checkpoint_files.fault(path)
            if fault is None:
                self._read(path)
                self.notes = files.read_json(path / "contents.json").get("notes", {})
                return step
            warn(f"warning: the checkpoint of step {step} is damaged ({fault}): set aside")
            aside = path.with_name(f"damaged-{path.name}")
            shutil.rmtree(aside, ignore_errors=True)
            os.replace(path, aside)
        if steps or (self._folder.is_dir() and any(self._folder.iterdir())):
            raise CheckpointError(f"no usable checkpoint in {self._folder}: put back a copy of one",
                                  "afresh")
        return 0

    def _read(self, path):
        try:
            self._checkpoint.read(str(path / "variables")).assert_consumed()
        except (AssertionError, ValueError, tf.errors.NotFoundError,
                tf.errors.InvalidArgumentError) as error:
            raise CheckpointError(
                f"{path} is whole, but was made by another version, whose variables or reading of "
                "streamed data differ: use that version for it, or train anew", "afresh") from error

    def drop_after(self, step):
        """Deletes the checkpoints of later steps, the latest first."""
        for late in reversed(self.steps()):
            if late > step:
                shutil.rmtree(self._path(late))

    def sweep(self):
        """Deletes what was replaced, or a killed process left half-written."""
        for replaced in self._folder.glob("old-*"):
            final = replaced.with_name(replaced.name.removeprefix("old-"))
            if final.exists():
                shutil.rmtree(replaced)
            else:  # killed before the new one was in place
                os.replace(replaced, final)
        for leftover in self._folder.glob("tmp-*"):
            files.remove(leftover)

    def _path(self, step):
        return checkpoint_files.folder_of(self._folder, step)


def read_variables(folder, step):
    """Returns the variables of a checkpoint as {name as of `state`: array}."""
    path = checkpoint_files.folder_of(pathlib.Path(folder), step)
    reader = tf.train.load_checkpoint(str(path / "variables"))
    return {_plain_name(key): reader.get_tensor(key)
            for key in reader.get_variable_to_shape_map() if key.startswith("state/")}


def _plain_name(key):
    """Returns the name that `state` gave a variable, of its key in a TensorFlow checkpoint."""
    escaped = key.removeprefix("state/").partition("/")[0]
    return re.sub(r"\.(.)", lambda found: "/" if found[1] == "S" else found[1], escaped)


def _sync(path):
    """Makes a file or folder safe against a power cut."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
