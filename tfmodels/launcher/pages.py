"""Finds the experiments: each module of the package `experiments` is one.

A page imports TensorFlow inside its `build` only, so that its docstring and Config are there at
once.
"""

import importlib
import inspect
import pkgutil

import experiments
from tfmodels.errors import InputError, nearest


def names():
    """Returns the names of all experiments, sorted."""
    return sorted(module.name for module in pkgutil.iter_modules(experiments.__path__))


def load(name):
    """Returns the module of an experiment.

    Raises:
        InputError: no such experiment.
    """
    known = names()
    if name not in known:
        raise InputError(f"unknown experiment {name!r}: expected one of "
                         f"{', '.join(known)}{nearest(name, known)}")
    return importlib.import_module(f"experiments.{name}")


def docstring(name):
    """Returns the docstring of an experiment."""
    return inspect.cleandoc(load(name).__doc__)


def config_class(name):
    """Returns the Config class of an experiment."""
    return load(name).Config
