"""Another run that a setting refers to: one to start from, or to learn from."""

import dataclasses
import functools
import hashlib
import pathlib

from tfmodels import files
from tfmodels.errors import CheckpointError, InputError
from tfmodels.export.versions import versions
from tfmodels.training import checkpoint_files
from tfmodels.training import run as runs


@dataclasses.dataclass(frozen=True)
class OtherRun:
    """A run whose checkpoint is used by another one: its best, if it kept that, else its newest.

    Attributes:
        path: its folder.
        step: of the checkpoint.
        sha256: digest of the checkpoint, in hexadecimal.
        export_sha256: that of its newest export, empty without one.
    """

    path: pathlib.Path
    step: int
    sha256: str
    export_sha256: str

    def described(self):
        """Returns what a manifest keeps of it."""
        return {"from": str(self.path.resolve()), "step": self.step, "sha256": self.sha256,
                "export_sha256": self.export_sha256}

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

    def signature(self, name):
        """Returns a function of its export, see `saved_model.load`.

        Raises:
            InputError: it exports none of that name.
            CheckpointError: it has no export, or a damaged one.
        """
        from tfmodels.export import saved_model
        signatures = saved_model.load(self.path / "export")
        if name not in signatures:
            raise InputError(f"the run {self.path} exports no {name!r}, only "
                             f"{', '.join(signatures)}: expected one of another experiment")
        return signatures[name]


def find(name, logdir, before=None, exported=True):
    """Returns the run of that name.

    Args:
        name: EXPERIMENT/RUN under `logdir`, or a path.
        before: what `described` returned when it was first used, if it was.
        exported: whether its export is used, which must be that of `before` too then.

    Raises:
        InputError: there is no such run.
        CheckpointError: it has no whole checkpoint, or another one than `before`.
    """
    path = runs.find(name, logdir)
    step, digest = checkpoint_files.of_run(path / "checkpoints")
    other = OtherRun(path, step, digest, _export_digest(path / "export"))
    now, used = other.described(), ["sha256", *(["export_sha256"] if exported else [])]
    if before and any(before.get(key, now[key]) != now[key] for key in used):
        raise CheckpointError(f"{path} has changed: this run used its checkpoint of step "
                              f"{before['step']:,} and what it exported then, expected again; the "
                              f"checkpoint that counts is of step {step:,}")
    return other


def _export_digest(folder):
    """Returns the digest of the newest export in a folder, empty without one."""
    numbers = versions(folder)
    if not numbers:
        return ""
    newest = folder / str(numbers[-1])
    whole = hashlib.sha256()
    for file in sorted(path for path in newest.rglob("*") if path.is_file()):
        whole.update(f"{file.relative_to(newest)} {files.sha256(file)}".encode())
    return whole.hexdigest()
