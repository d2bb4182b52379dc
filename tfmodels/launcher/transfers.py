"""What `--init_from` and `--freeze` do to a run; the transfer itself is in tfmodels.training."""

import pathlib

from tfmodels import config
from tfmodels.errors import CheckpointError, InputError
from tfmodels.training import run as runs


def source(init_from, path, logdir):
    """Returns the folder of the run that a new run starts from; None if it starts from none.

    Args:
        init_from: EXPERIMENT/RUN or a path, or empty.
        path: the new run's folder.
        logdir: where the other run is looked for.

    Raises:
        InputError: there is no such run, or it is the new one itself.
    """
    if not init_from:
        return None
    try:
        found = runs.find(init_from, logdir)
    except InputError as error:
        raise InputError(f"flag --init_from: {error}") from None
    if found.resolve() == path.resolve():
        raise InputError(f"flag --init_from={init_from}: a run cannot start from itself; expected "
                         "another one")
    return found


def freeze(task, names):
    """Freezes the layers of `--freeze` and says which they are."""
    if not names:
        return
    from tfmodels.training import transfer
    frozen = transfer.freeze(task.model, config.listed(names))
    print(f"frozen: {', '.join(frozen)}", flush=True)


def apply(task, path, before=None):
    """Gives a freshly built task the weights of another run, and says which they are.

    Args:
        task: the `Task`, its optimizers built.
        path: the other run's folder.
        before: what this returned when the run was first started, if it was.

    Returns:
        For the manifest: the source's folder, step and digest, and the outcome for each layer.

    Raises:
        InputError: the two share no layer.
        CheckpointError: the source has no whole checkpoint, or another one than `before`.
    """
    from tfmodels.training import checkpoints, transfer
    step, values, digest = checkpoints.read_newest(path / "checkpoints")
    if before and before["sha256"] != digest:
        raise CheckpointError(f"{path} has changed: this run started from its checkpoint of step "
                              f"{before['step']:,}, expected again; the newest is of step {step:,}")
    manifest = runs.read_json(path / "manifest.json")
    found = transfer.Source(values, tuple(runs.read_json(path / "vocabulary.json") or ()),
                            tuple(manifest.get("data", {}).get("class_names", ())))
    try:
        outcome = transfer.transfer(task.model, found, tuple(task.vocabulary),
                                    tuple(task.data.class_names or ()))
    except InputError as error:
        raise InputError(f"flag --init_from: {path} and this run do not fit: {error}") from None
    taken = sum(reason.startswith(transfer.TRANSFERRED) for reason in outcome.values())
    print(f"{taken} of {len(outcome)} layers start from {path} at step {step:,}:")
    for name, reason in outcome.items():
        print(f"  {name}: {reason}", flush=True)
    return {"from": str(pathlib.Path(path).resolve()), "step": step, "sha256": digest,
            "layers": outcome}


def as_markdown(described):
    """Returns what `apply` returned as the Markdown that TensorBoard shows."""
    lines = [f"From `{described['from']}`, step {described['step']:,}:", "",
             "| layer | outcome |", "|---|---|"]
    return "\n".join(lines + [f"| {name} | {reason} |"
                              for name, reason in described["layers"].items()])
