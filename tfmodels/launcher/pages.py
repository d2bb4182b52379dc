"""Finds the experiments: each module of the package `experiments` is one.

A page imports TensorFlow inside its `build` only, so that its docstring and Config are there at
once.
"""

import dataclasses
import functools
import importlib
import inspect
import pkgutil

import experiments
from tfmodels import config
from tfmodels.errors import InputError, nearest
from tfmodels.launcher.flags import Launcher


def names():
    """Returns the names of all experiments, sorted."""
    return sorted(module.name for module in pkgutil.iter_modules(experiments.__path__))


def load(name):
    """Returns the module of an experiment.

    Raises:
        InputError: no such experiment, or its page is not one.
    """
    known = names()
    if name not in known:
        raise InputError(f"unknown experiment {name!r}: expected one of "
                         f"{', '.join(known)}{nearest(name, known)}")
    return _load(name)


def docstring(name):
    """Returns the docstring of an experiment."""
    return inspect.cleandoc(load(name).__doc__)


def config_class(name):
    """Returns the Config class of an experiment."""
    return load(name).Config


def taking(kinds, of_table=False):
    """Returns the names of the experiments that read examples of some kinds.

    Args:
        kinds: what examples have, of `tfmodels.data.features.KINDS`.
        of_table: whether they are rows of a table of numbers and categories.
    """
    read = {"image": config.Images, "text": config.Texts, "source": config.Pairs}
    found = []
    for name in names():
        try:
            page = config_class(name)
        except InputError:
            continue
        takes = (bool(getattr(page, "of_tables", {})) if of_table else
                 any(kind in kinds and issubclass(page, cls) for kind, cls in read.items())
                 and ("label" in kinds or not issubclass(page, config.Labelled)))
        found += [name] if takes else []
    return found


@functools.cache
def _load(name):
    """Imports a page, and says what it lacks of one."""
    page = f"the page experiments/{name}.py"
    try:
        module = importlib.import_module(f"experiments.{name}")
    except Exception as error:
        raise InputError(f"{page} cannot be imported: {type(error).__name__}: {error}") from error
    for part, what in (("__doc__", "a docstring"), ("Config", "a class Config"),
                       ("build", "a function build")):
        if not getattr(module, part, None):
            raise InputError(f"{page} is no experiment: expected {what}")
    launcher = {field.name for field in dataclasses.fields(Launcher)}
    for field in dataclasses.fields(module.Config):
        if field.name in launcher:
            raise InputError(f"{page}: the setting {field.name} has the name of a launcher flag")
        if field.type not in (bool, int, float, str):
            raise InputError(f"{page}: the setting {field.name} is annotated with {field.type!r}; "
                             "expected bool, int, float or str itself")
        if not config.has_help(module.Config, field.name):
            raise InputError(f"{page}: the setting {field.name} has no help text: expected "
                             "config.field(default, help)")
    return module
