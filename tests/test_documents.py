"""README, CONTRIBUTING and docs name what is there: files, modules, tests, and flags that parse."""

import re
import shlex

import pytest
from common import ROOT

from tfmodels import config
from tfmodels.launcher import cli, pages
from tfmodels.launcher.flags import Launcher, Sampling

DOCUMENTS = sorted(path for folder in (ROOT, ROOT / "docs") for path in folder.glob("*.md"))


def documents(*also):
    """Parametrizes a test by all documents, and other files."""
    return pytest.mark.parametrize(
        "path", [*DOCUMENTS, *also], ids=lambda path: path.relative_to(ROOT).as_posix())


def links(text):
    """Returns the targets of a page's links and pictures inside the repository."""
    return [target for target in re.findall(r"\]\(([^()#\s]+)(?:#[\w-]*)?\)", text)
            if not target.startswith("http")]


def files(text):
    """Returns the files that a page names, by path or by dotted module; NAME stands for any."""
    modules = re.findall(r"\b((?:tfmodels|experiments|benchmarks)(?:\.[a-z]\w*)+)", text)
    paths = re.findall(r"`((?:tfmodels|experiments|benchmarks|tests|docs)/[\w/.]*)`", text)
    return [path for path in paths if "NAME" not in path] + [
        module.replace(".", "/") for module in modules]


def is_there(name):
    """Tells whether a path is there; the end of a dotted one may be what a module defines."""
    path = ROOT / name
    return any(found.exists() for found in (
        path, path.with_suffix(".py"), path.parent.with_suffix(".py")))


def named_tests(text):
    """Returns (file, test or None) of each `folder/test_file.py::test_name`; … is the one before.

    A file is named from the root or from `tests`.
    """
    found = []
    for file, test in re.findall(r"`(?:tests/)?([\w/]*test_\w+\.py|…)(?:::(\w+))?`", text):
        found.append((found[-1][0] if file == "…" else file, test or None))
    return found


def commands(text):
    """Returns the flags of every command of the launcher that stands on a line of its own."""
    joined = text.replace("\\\\\n", " ").replace("\\\n", " ")
    return [shlex.split(flags, comments=True)
            for flags in re.findall(r"^ *python launch\.py (.*)$", joined, re.MULTILINE)]


def test_readme_is_a_first_page():
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) <= 160


@documents()
def test_what_a_document_names_is_there(path):
    text = path.read_text(encoding="utf-8")
    assert [name for name in links(text) if not (path.parent / name).exists()] == []
    assert [name for name in files(text) if not is_there(name)] == []
    for file, test in named_tests(text):
        code = (ROOT / "tests" / file).read_text(encoding="utf-8")
        assert test is None or f"def {test}(" in code, f"{file}::{test}"


@documents(*(ROOT / "experiments" / f"{name}.py" for name in pages.names()))
def test_flags_of_every_command_that_is_shown_are_taken(path):
    for flags in commands(path.read_text(encoding="utf-8")):
        given = dict(flag.removeprefix("--").partition("=")[::2] for flag in flags)
        experiment = given.get("experiment") or given.get("run", "").partition("/")[0]
        settings = pages.config_class(experiment) if experiment else config.Config
        cli._parse(["launch.py", *flags], Launcher, settings, Sampling)


def test_what_is_not_there_is_noticed():
    page = ("[a](docs/b.md#c) [w](https://x.y) `from tfmodels.cnn import cnn` `experiments.cli` "
            "`tfmodels/nothing.py` `experiments/NAME.py` `test_a.py::test_b`, `…::test_c` `x.py`")
    assert links(page) == ["docs/b.md"]
    assert files(page) == ["tfmodels/nothing.py", "tfmodels/cnn", "experiments/cli"]
    assert not any(map(is_there, files(page)))
    assert is_there("tfmodels/models/cnn/cnn")
    assert is_there("tfmodels/config")
    assert named_tests(page) == [("test_a.py", "test_b"), ("test_a.py", "test_c")]
    assert commands("x\n    python launch.py --a=1 \\\\\n  --b='c d'  # e\n") == [
        ["--a=1", "--b=c d"]]
