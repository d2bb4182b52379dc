"""Another run that a setting refers to: one to start from, or to learn from."""

import dataclasses
import functools
import pathlib

from tfmodels.errors import CheckpointError
from tfmodels.training import checkpoint_files, files
from tfmodels.training import run as runs


@dataclasses.dataclass(frozen=True)
class OtherRun:
    """A run whose newest checkpoint is used by another one.

    Attributes:
        path: its folder.
        step: of the checkpoint.
        sha256: digest of the checkpoint, in hexadecimal.
    """

    path: pathlib.Path
    step: int
    sha256: str

    def described(self):
        """Returns what a manifest keeps of it."""
        return {"from": str(self.path.resolve()), "step": self.step, "sha256": self.sha256}

    @functools.cached_property
    def values(self):
        """The variables of the checkpoint, {name as of `checkpoints.state`: array}."""
        from tfmodels.training import checkpoints
        return checkpoints.read_variables(self.path / "checkpoints", self.step)

    @functools.cached_property
    def vocabulary(self):
        """The tokens of a text model by id, empty for another one."""
        return tuple(files.read_json(self.path / "vocabulary.json") or ())

    @functools.cached_property
    def class_names(self):
        """The names of the classes that it was trained on, empty without labels."""
        return tuple(files.read_json(self.path / "manifest.json").get("data", {}).get(
            "class_names", ()))

    def signatures(self):
        """Returns the functions of its export, see `saved_model.load`."""
        from tfmodels.export import saved_model
        return saved_model.load(self.path / "export")


def find(name, logdir, before=None):
    """Returns the run of that name.

    Args:
        name: EXPERIMENT/RUN under `logdir`, or a path.
        before: what `described` returned when it was first used, if it was.

    Raises:
        InputError: there is no such run.
        CheckpointError: it has no whole checkpoint, or another one than `before`.
    """
    path = runs.find(name, logdir)
    step, digest = checkpoint_files.newest(path / "checkpoints")
    if before and before["sha256"] != digest:
        raise CheckpointError(f"{path} has changed: this run used its checkpoint of step "
                              f"{before['step']:,}, expected again; the newest is of step {step:,}")
    return OtherRun(path, step, digest)
