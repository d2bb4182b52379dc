"""The command line: flags to Config, and the modes. Imports no TensorFlow."""

import dataclasses
import datetime
import pathlib
import re
import signal
import sys

from absl import flags

from tfmodels import config
from tfmodels.data import catalog
from tfmodels.data.own import find
from tfmodels.data.own.reading import Reading
from tfmodels.errors import InputError, SettingError, Stopped, nearest, recognize
from tfmodels.launcher import advice, listing, output, pages, quiet
from tfmodels.launcher.flags import Inspected, Launcher, Sampling

_RUN_NAME = re.compile(r"[\w-][\w.-]{0,63}")


class _FieldParser(flags.ArgumentParser):
    """Lets absl parse a flag with the type and limits of a Config field."""

    def __init__(self, kind, default, limits):
        self._rule = (kind, default, limits)

    def parse(self, argument):
        return config.parse(*self._rule, argument)


def main(argv=None):
    """Runs the command line and returns the exit code (see docs/runs.md)."""
    try:
        return _run([str(arg) for arg in (sys.argv if argv is None else argv)])
    except KeyboardInterrupt:
        fault = Stopped(signal.SIGINT, "nothing was under way")
    except Exception as error:
        fault = recognize(error)
        if fault is None:
            raise
    print(f"error: {advice.message(fault)}", file=sys.stderr)
    return fault.exit_code


def _run(argv):
    """Parses, checks and starts; returns the exit code."""
    launcher = _values(Launcher, _parse(argv, Launcher, known_only=True))
    if launcher.format != "saved_model" and launcher.mode != "export":
        raise InputError(f"flag --format={launcher.format}: expected --mode=export with it")
    experiment = launcher.experiment or launcher.run.partition("/")[0] * ("/" in launcher.run)
    if launcher.list or launcher.help:
        with output.reader_may_leave():
            if launcher.list:
                listing.print_list()
            else:
                listing.print_help(experiment)
        return 0
    if launcher.samples:
        return _score_samples(launcher, argv)
    if launcher.mode == "inspect":
        return _inspect(launcher, experiment, argv)
    if not experiment:
        raise InputError("expected --experiment=NAME, one of " + ", ".join(pages.names()))
    config_class = pages.config_class(experiment)
    sampled = launcher.mode in ("sample", "chat")
    values = _parse(argv, Launcher, *((Sampling, config_class) if sampled else
                                      (config_class, Sampling)))
    given = {f.name for f in dataclasses.fields(config_class) if values[f.name].present}
    for f in dataclasses.fields(Sampling):
        if not sampled and values[f.name].present and f.name not in given:
            raise InputError(f"flag --{f.name}: expected --mode=sample or --mode=chat with it")
    if not launcher.logdir:
        raise InputError("flag --logdir=: expected the name of a folder, such as runs")
    run_name = _run_name(launcher, experiment, chosen=bool(values["run"].present))
    folder = pathlib.Path(launcher.logdir).expanduser() / experiment / run_name
    if launcher.mode == "train":
        settings = _of_tables(_absolute(_values(config_class, values)), given)
        if settings.minutes and "steps" in given:
            raise SettingError("minutes", f"{settings.minutes:g}", "expected either --minutes or "
                               "--steps, which follow from them")
        if settings.patience and not settings.keep_best:
            raise SettingError("patience", settings.patience, "expected --keep_best=SCORE with it, "
                               "such as --keep_best=loss")
        _check_data(settings)
        from tfmodels.launcher.train import train
        return train(experiment, folder, settings, given, launcher.overwrite, argv)
    unused = sorted(given - {"data_dir"} - {f.name for f in dataclasses.fields(Sampling)
                                            if sampled})
    if unused:
        raise InputError(f"flag --{unused[0]}: --mode={launcher.mode} takes the settings of the "
                         "run from its manifest; only --data_dir can be given again")
    if launcher.mode == "chat":
        return _chat(folder, values)
    if sampled:
        from tfmodels.launcher import sample
        sampling = _values(Sampling, values)
        return sample.draw(folder, sampling, sampling.count if values["count"].present else 1,
                           launcher.out)
    from tfmodels.launcher import evaluate, export, reproduce
    if launcher.mode == "export":
        return export.export(experiment, folder, values["data_dir"].value, launcher.format)
    action = {"evaluate": evaluate.evaluate, "reproduce": reproduce.reproduce}[launcher.mode]
    return action(experiment, folder, values["data_dir"].value)


def _inspect(launcher, experiment, argv):
    """Says what a data set holds, and with an experiment what its training needs."""
    if launcher.run:
        raise InputError(f"flag --run={launcher.run}: --mode=inspect looks at data, not at a run: "
                         "expected --dataset, and --experiment to try some steps of it")
    config_class = pages.config_class(experiment) if experiment else Inspected
    values = _parse(argv, Launcher, config_class)
    if not experiment and not values["dataset"].present:
        raise InputError("--mode=inspect: expected --dataset=NAME or PATH, or --experiment=NAME")
    given = {f.name for f in dataclasses.fields(config_class) if values[f.name].present}
    settings = _of_tables(_absolute(_values(config_class, values)), given)
    _check_data(settings)
    from tfmodels.launcher import inspect
    return inspect.inspect(experiment, settings, pathlib.Path(launcher.logdir).expanduser())


def _chat(folder, values):
    """Talks with a run, with the likeliest answers unless a temperature is given."""
    for name in ("prompt", "count", "labels"):
        if values[name].present:
            raise InputError(f"flag --{name}: --mode=chat answers what it reads; only "
                             "--mode=sample takes it")
    sampling = _values(Sampling, values)
    if not values["temperature"].present:
        sampling = dataclasses.replace(sampling, temperature=0.0)
    from tfmodels.launcher import chat
    return chat.talk(folder, sampling)


def _score_samples(launcher, argv):
    """Scores images from elsewhere; returns the exit code."""
    if launcher.mode != "evaluate" or launcher.experiment or launcher.run:
        raise InputError("flag --samples: expected --mode=evaluate with neither --experiment nor "
                         "--run; images are scored against --dataset")
    values = _parse(argv, Launcher, Inspected)
    reading = {f.name for f in dataclasses.fields(Reading)}
    unused = sorted(f.name for f in dataclasses.fields(Inspected) if values[f.name].present
                    and f.name not in ("dataset", "data_dir", *reading))
    if unused:
        raise InputError(f"flag --{unused[0]}: --samples takes only --dataset, --data_dir, --out "
                         "and how your own files are read")
    settings = _absolute(_values(Inspected, values))
    _known_sizes(settings)
    from tfmodels.launcher import evaluate_files
    return evaluate_files.score(launcher.samples, settings, launcher.out)


def _parse(argv, *classes, known_only=False):
    """Returns absl flag values for the fields of `classes`, parsed from the command line.

    A name that two of them have means the field of the first one.
    """
    values = flags.FlagValues()
    for cls in classes:
        for f in dataclasses.fields(cls):
            if f.name in values:
                continue
            about = config.about(cls, f.name)
            if f.type is bool:
                flags.DEFINE_boolean(f.name, f.default, about["help"], flag_values=values)
            else:
                flags.DEFINE(_FieldParser(f.type, f.default, about), f.name, f.default,
                             about["help"], values, flags.ArgumentSerializer())
    try:
        rest = values(argv, known_only=known_only)[1:]
    except flags.UnrecognizedFlagError as error:
        raise InputError(f"unknown flag --{error.flagname}"
                         f"{nearest(error.flagname, list(values))}") from None
    except flags.Error as error:
        raise InputError(str(error)) from None
    if rest and not known_only:
        raise InputError(f"unexpected argument {rest[0]!r}: expected flags such as --steps=1000")
    return values


def _values(cls, values):
    """Returns an instance of `cls` with the parsed value of each of its flags."""
    return cls(**{f.name: values[f.name].value for f in dataclasses.fields(cls)})


def _run_name(launcher, experiment, chosen):
    """Returns the checked name of the run, without its experiment."""
    if not chosen and launcher.mode == "train":
        return datetime.datetime.now().strftime("%Y%m%d-%H%M%S")
    name = launcher.run.removeprefix(f"{experiment}/")
    if not _RUN_NAME.fullmatch(name):
        raise InputError(
            f"flag --run={launcher.run}: expected 1 to 64 letters, digits, '_', '-' or '.', "
            "not beginning with '.'"
            + ("" if launcher.mode == "train" else f", such as {experiment}/wide"))
    return name


def _absolute(settings):
    """Returns settings whose data set, where it is a path, means the same in every folder."""
    path = catalog.own_path(settings.dataset, settings.data_dir)
    return dataclasses.replace(settings, dataset=str(path)) if path else settings


def _of_tables(settings, given):
    """Returns settings with the defaults for tables where the data set is one."""
    others = {name: value for name, value in settings.of_tables.items() if name not in given}
    of_table = others and find.is_feature_table(settings.dataset, settings.data_dir,
                                                Reading.of(settings))
    return dataclasses.replace(settings, **others) if of_table else settings


def _check_data(settings):
    """Checks the data set's name and an embedded one's size, before TensorFlow loads.

    Of others it is checked first whether they have what is needed, see `building.steps_of`.
    """
    sizes = _known_sizes(settings)
    if sizes and "train" in sizes and catalog.parse_name(settings.dataset)[0] in catalog.EMBEDDED:
        config.check_batch_size(settings, settings.training_size(sizes["train"]))


def _known_sizes(settings):
    """Checks the data set's name and returns its splits' sizes, None if not known yet."""
    path = catalog.own_path(settings.dataset, settings.data_dir)
    if path:
        find.check(path, catalog.resolve_data_dir(settings.data_dir))
        Reading.of(settings)  # refuses what it cannot be
        return None
    sizes = catalog.split_sizes(settings.dataset, settings.data_dir)
    if sizes is None:  # only the catalogue can tell, and it needs TensorFlow
        quiet.import_tensorflow()
        catalog.check_name(settings.dataset, settings.data_dir)
    return sizes
