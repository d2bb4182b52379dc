"""Settings that refer to other runs, and what `--init_from` and `--freeze` do to a new one."""

import dataclasses

from tfmodels import config
from tfmodels.errors import InputError, SettingError
from tfmodels.training import other_run


def others(settings, path, logdir, manifest=None, starting=True):
    """Finds the runs that settings refer to.

    Args:
        settings: the experiment's Config.
        path: the folder of the run that has them.
        logdir: where the others are looked for.
        manifest: that of the run, if it was started before.
        starting: whether the run has no checkpoint yet; else it needs no `init_from` any more.

    Returns:
        {setting: `OtherRun`} of those that are not empty.

    Raises:
        SettingError: there is no such run, or it is the new one itself.
        CheckpointError: it has no checkpoint, or another one than when this run was started.
    """
    before = (manifest or {}).get("runs") or {"init_from": (manifest or {}).get("transfer")}
    found = {}
    for name in fields(type(settings)):
        value = getattr(settings, name)
        if not value or (name == "init_from" and not starting):
            continue
        try:
            other = other_run.find(value, logdir, before.get(name),
                                   exported=name != "init_from")
        except InputError as error:
            raise SettingError(name, value, error) from None
        if other.path.resolve() == path.resolve():
            raise SettingError(name, value, "a run cannot refer to itself; expected another one")
        found[name] = other
    return found


def fields(config_class):
    """Returns the names of the settings that refer to another run."""
    return [f.name for f in dataclasses.fields(config_class)
            if config.about(config_class, f.name)["run"]]


def freeze(task, names):
    """Freezes the layers of `--freeze` and says which they are."""
    if not names:
        return
    from tfmodels.training import transfer
    frozen = transfer.freeze(task.model, config.listed(names))
    print(f"frozen: {', '.join(frozen)}", flush=True)


def apply(task, other):
    """Gives a freshly built task the weights of another run, and says which they are.

    Args:
        task: the `Task`, its optimizers built.
        other: the `OtherRun`.

    Returns:
        The outcome for each layer.

    Raises:
        SettingError: the two share no layer.
    """
    from tfmodels.training import transfer
    source = transfer.Source(other.values, other.vocabulary, other.class_names)
    try:
        outcome = transfer.transfer(task.model, source, tuple(task.vocabulary),
                                    tuple(task.data.class_names or ()))
    except InputError as error:
        raise SettingError("init_from", other.path, f"it and this run do not fit: {error}"
                           ) from None
    taken = sum(reason.startswith(transfer.TRANSFERRED) for reason in outcome.values())
    print(f"{taken} of {len(outcome)} layers start from {other.path} at step {other.step:,}:")
    for name, reason in outcome.items():
        print(f"  {name}: {reason}", flush=True)
    return outcome


def as_markdown(described):
    """Returns what a manifest says of the run that this one started from as Markdown."""
    lines = [f"From `{described['from']}`, step {described['step']:,}:", "",
             "| layer | outcome |", "|---|---|"]
    return "\n".join(lines + [f"| {name} | {reason} |"
                              for name, reason in described["layers"].items()])
