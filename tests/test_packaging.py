"""A wheel built from the checkout holds all it needs and works in an empty folder."""

import ast
import os
import re
import shutil
import subprocess
import sys
import zipfile

import pytest
from common import ROOT

from tfmodels.launcher import pages


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    shutil.copytree(ROOT, source, ignore=shutil.ignore_patterns(
        ".git", "runs", "build", "*.egg-info", "__pycache__", ".*_cache"))
    subprocess.run([sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "-w", str(folder),
                    str(source)], check=True)
    path, = folder.glob("*.whl")
    return path


def test_wheel_holds_code_data_licences_and_the_command(wheel):
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        entry_points = next(name for name in names if name.endswith("entry_points.txt"))
        assert "tfmodels = tfmodels.launcher.cli:main" in archive.read(entry_points).decode()
    for package in ("experiments", "tfmodels"):
        for path in (ROOT / package).rglob("*"):
            if path.is_file() and "__pycache__" not in path.parts:
                assert str(path.relative_to(ROOT)) in names
    for name in ("LICENSE", "NOTICE"):
        assert any(found.endswith(f"/{name}") for found in names)
    assert not [name for name in names if name.startswith(("tests", "benchmarks"))]


def test_installed_package_works_in_an_empty_folder(wheel, tmp_path):
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "site")
    (tmp_path / "empty").mkdir()
    done = subprocess.run(
        [sys.executable, "-c",
         "import sys; from tfmodels.launcher import cli; sys.exit(cli.main())", "--list"],
        cwd=tmp_path / "empty", env=os.environ | {"PYTHONPATH": str(tmp_path / "site")},
        capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    shown = [line.split()[0] for line in done.stdout.splitlines() if re.match(r"  \w", line)]
    assert sorted(shown) == pages.names()
    assert not list((tmp_path / "empty").iterdir())


def test_readme_has_the_two_commands():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    first = re.search(r"```sh\n(.*?)```", readme, re.DOTALL)[1].splitlines()
    assert first == ["pip install . && python launch.py --experiment=gan --minutes=4",
                     "pip install '.[test]' && python -m pytest"]


def test_every_dependency_that_is_imported_is_named():
    declared = (ROOT / "setup.cfg").read_text(encoding="utf-8")
    packages = {"PIL": "Pillow", "ai_edge_litert": "ai-edge-litert", "absl": "absl-py",
                "sklearn": "scikit-learn", "yaml": "PyYAML",
                "tensorflow_datasets": "tensorflow-datasets"}
    imported = set()
    for path in [*(ROOT / "tfmodels").rglob("*.py"), *(ROOT / "experiments").rglob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = ([alias.name for alias in node.names] if isinstance(node, ast.Import)
                     else [node.module] if isinstance(node, ast.ImportFrom) else [])
            imported |= {name.partition(".")[0] for name in names}
    ours = {"experiments", "tfmodels", *sys.stdlib_module_names}
    for name in imported - ours:
        assert re.search(rf"^ +{packages.get(name, name)}\b", declared, re.MULTILINE), name
