"""Finds the experiments and reads their docstring and Config without running the rest.

A file of this package is an experiment when it defines `Config` and `build`. Only its docstring
and its Config are evaluated here, since importing the whole page imports TensorFlow.
"""

import ast
import dataclasses
import functools
import importlib
import pathlib

import experiments
from tfmodels import config
from tfmodels.errors import InputError, nearest

_FOLDER = pathlib.Path(experiments.__file__).parent


def names():
    """Returns the names of all experiments, sorted."""
    return sorted(path.stem for path in _FOLDER.glob("*.py") if _config_node(_tree(path)))


def docstring(name):
    """Returns the docstring of an experiment."""
    return ast.get_docstring(_tree(_FOLDER / f"{name}.py"))


def config_class(name):
    """Returns the Config class of an experiment.

    Raises:
        InputError: no such experiment.
    """
    node = _config_node(_tree(_path(name)))
    namespace = {"config": config, "dataclasses": dataclasses, "__name__": f"experiments.{name}"}
    exec(compile(ast.Module([node], []), str(_path(name)), "exec"), namespace)
    return namespace["Config"]


def load(name):
    """Imports an experiment, TensorFlow included, and returns its module."""
    return importlib.import_module(f"experiments.{name}")


def _path(name):
    """Returns the file of an experiment, or refuses the name."""
    known = names()
    if name not in known:
        raise InputError(f"unknown experiment {name!r}: expected one of "
                         f"{', '.join(known)}{nearest(name, known)}")
    return _FOLDER / f"{name}.py"


@functools.cache
def _tree(path):
    """Returns the syntax tree of a file."""
    return ast.parse(path.read_text(encoding="utf-8"))


def _config_node(tree):
    """Returns the Config class of a page that also defines build, or None."""
    defined = {node.name: node for node in tree.body
               if isinstance(node, (ast.ClassDef, ast.FunctionDef))}
    return defined.get("Config") if "build" in defined else None
