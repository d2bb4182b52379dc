"""The command line before TensorFlow: discovery, help, and an answer to every bad input."""

import json
import os
import re
import subprocess
import sys

import pytest
from common import ROOT

import experiments
from tfmodels import config
from tfmodels.launcher import listing, pages

BAD_INPUT = {
    "no experiment": ([], "expected --experiment=NAME"),
    "unknown experiment": (["--experiment=gna"], "did you mean gan?"),
    "unknown flag": (["--experiment=gan", "--batchsize=3"], "did you mean batch_size?"),
    "flag of another experiment": (["--experiment=cnn", "--latent_size=3"], "latent_size"),
    "positional argument": (["--experiment=gan", "faster"], "'faster'"),
    "unknown mode": (["--experiment=gan", "--mode=trian"], "did you mean train?"),
    "unknown data set": (["--experiment=gan", "--dataset=mnist_10"], "did you mean mnist_10k?"),
    "data set name": (["--experiment=gan", "--dataset=a b"], "not a data set name"),
    "own files": (["--experiment=gan", "--dataset=../x"], "does not exist"),
    "own table": (["--experiment=dense", "--dataset=none.csv"], "does not exist"),
    "image size": (["--experiment=gan", "--dataset=.", "--image_size=0"], "nearest valid value"),
    "shares": (["--experiment=gan", "--dataset=.", "--split=0.5,0.2"], "add up to 1"),
    "colour": (["--experiment=gan", "--dataset=.", "--background=blau"], "name of a colour"),
    "batch size 0": (["--experiment=gan", "--batch_size=0"], "nearest valid value is 1"),
    "batch size -1": (["--experiment=gan", "--batch_size=-1"], "nearest valid value is 1"),
    "batch size 1e9": (["--experiment=gan", "--batch_size=1000000000"], "nearest valid value is"),
    "batch size 1.5": (["--experiment=gan", "--batch_size=1.5"], "expected an integer"),
    "learning rate 0": (["--experiment=gan", "--learning_rate=0"], "above 0"),
    "learning rate -1": (["--experiment=gan", "--learning_rate=-1"], "above 0"),
    "learning rate nan": (["--experiment=gan", "--learning_rate=nan"], "finite"),
    "learning rate inf": (["--experiment=gan", "--learning_rate=inf"], "finite"),
    "learning rate word": (["--experiment=gan", "--learning_rate=fast"], "expected a number"),
    "steps 0": (["--experiment=gan", "--steps=0"], "nearest valid value is 1"),
    "seed -1": (["--experiment=gan", "--seed=-1"], "nearest valid value is 0"),
    "seed 2**31": (["--experiment=gan", "--seed=2147483648"], "nearest valid value is 2147483647"),
    "precision": (["--experiment=gan", "--precision=float"], "did you mean float32?"),
    "dropout 1.5": (["--experiment=cnn", "--dropout=1.5"], "at most 0.9"),
    "count 0": (["--mode=sample", "--run=gan/a", "--count=0"], "nearest valid value is 1"),
    "run ..": (["--experiment=gan", "--run=.."], "expected 1 to 64"),
    "run /x": (["--experiment=gan", "--run=/x"], "expected 1 to 64"),
    "run a/b": (["--experiment=gan", "--run=a/b"], "expected 1 to 64"),
    "run empty": (["--experiment=gan", "--run="], "expected 1 to 64"),
    "run 65 characters": (["--experiment=gan", "--run=" + "x" * 65], "expected 1 to 64"),
    "experiment with a path": (["--experiment=../gan"], "unknown experiment"),
    "settings with evaluate": (["--mode=evaluate", "--run=gan/a", "--steps=5"], "manifest"),
}


@pytest.mark.parametrize("name", BAD_INPUT)
def test_bad_input_gets_one_message_and_code_1(name, launch, tmp_path):
    flags, expected = BAD_INPUT[name]
    code, out, err = launch(*flags, f"--logdir={tmp_path}")
    assert code == 1
    assert expected in err
    assert err.startswith("error: ")
    assert len(err.splitlines()) <= 5
    assert not out
    assert not list(tmp_path.iterdir())


def test_missing_run_is_code_7(launch, tmp_path):
    code, _, err = launch("--mode=evaluate", "--run=gan/nothing", f"--logdir={tmp_path}")
    assert code == 7
    assert "no run at" in err


def test_unwritable_logdir_is_code_5(launch, tmp_path):
    (tmp_path / "file").write_text("not a folder")
    code, _, err = launch("--experiment=gan", "--run=a", f"--logdir={tmp_path / 'file'}")
    assert code == 5
    assert str(tmp_path / "file") in err


def test_list_shows_every_experiment(launch):
    code, out, _ = launch("--list")
    assert code == 0
    listed = [line.split()[0] for line in out.splitlines() if re.match(r"  \w", line)]
    files = (ROOT / "experiments").glob("*.py")
    assert set(listed) == {path.stem for path in files if "\ndef build(" in path.read_text()}


def test_list_groups_experiments_by_what_they_do_and_shows_the_score_of_each(launch, monkeypatch):
    results = {"cnn": [{"default": True, "score": "accuracy 0.98", "baseline": "majority 0.1",
                        "minutes": 0.7, "machine": "a machine", "command": "cnn as it is"},
                       {"default": False, "score": "accuracy 0.99", "baseline": "majority 0.1",
                        "minutes": 7, "machine": "a machine", "command": "cnn of more"}]}
    monkeypatch.setattr(listing, "read_results", lambda: results)
    out = launch("--list")[1]
    groups = re.findall(r"^\w[\w ]*$", out, re.MULTILINE)
    assert groups[:4] == ["classify", "generate images", "write text", "represent"]
    classify, generate, *_ = re.split(r"^\w[\w ]*\n", out, flags=re.MULTILINE)[1:]
    assert re.search(r"^  cnn .*\n +accuracy 0.98 \(majority 0.1\), 0.7 minutes\n  \w", classify,
                     re.MULTILINE)
    assert re.search("^  gan ", generate, re.MULTILINE)
    assert "\n   " not in generate  # an experiment without a result shows none
    out = launch("--experiment=cnn", "--help")[1]
    assert "cnn of more\n    accuracy 0.99 (majority 0.1), 7.0 minutes on a machine" in out
    assert "majority" not in launch("--experiment=dense", "--help")[1]


def test_a_group_of_its_own_comes_after_the_known_ones(monkeypatch):
    classes = {"a": type("Own", (config.Config,), {"group": "forecast"}), "b": config.Config,
               "c": config.Labelled}
    monkeypatch.setattr(pages, "config_class", classes.__getitem__)
    found = listing.grouped(["a", "b", "c"])
    assert list(found.items()) == [("classify", ["c"]), ("forecast", ["a"]), ("other", ["b"])]


@pytest.mark.parametrize("experiment", pages.names())
def test_help_shows_every_flag_with_its_meaning(experiment, launch):
    code, out, _ = launch(f"--experiment={experiment}", "--help")
    assert code == 0
    for flag in ("dataset", "data_dir", "steps", "batch_size", "learning_rate", "seed",
                 "precision", "eval_every", "checkpoint_every", "log_every"):
        assert f"--{flag}=" in out
    for f in pages.config_class(experiment).__dataclass_fields__:
        assert f"--{f}=" in out


@pytest.mark.parametrize(("flags", "expected"), [
    (["--list"], 0), (["--experiment=gan", "--help"], 0), (["--experiment=gna"], 1),
    (["--experiment=gan", "--batch_size=0"], 1), (["--experiment=gan", "--batch_size=99999"], 1),
    (["--experiment=gan", "--run=.."], 1), (["--mode=evaluate", "--run=gan/none"], 7)])
def test_answers_without_importing_tensorflow(flags, expected):
    code = ("import json, sys; from tfmodels.launcher import cli; "
            f"code = cli.main(['l', *{flags!r}]); "
            "print(json.dumps([code, [m for m in ('tensorflow', 'keras', 'numpy', "
            "'tensorflow_datasets') if m in sys.modules]]))")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT,
                          check=True, env=os.environ)
    assert json.loads(done.stdout.splitlines()[-1]) == [expected, []]
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("flags", [["--list"], ["--help"], ["--experiment=gan", "--help"]])
def test_a_reader_that_leaves_the_list_or_the_help_hears_no_complaint(flags):
    process = subprocess.Popen([sys.executable, str(ROOT / "launch.py"), *flags],
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    process.stdout.close()
    _, err = process.communicate()
    assert (process.returncode, err) == (0, b"")


def test_tensorflow_starts_without_a_word():
    code = ("from tfmodels.launcher import quiet; quiet.import_tensorflow(); "
            "import tensorflow as tf; "
            "tf.function(tf.transpose)([[0]]); tf.transpose(tf.zeros([2, 2], tf.int64))")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT,
                          check=True, env=os.environ)
    assert (done.stdout, done.stderr) == ("", "")


@pytest.mark.parametrize(("page", "says"), [
    ("def build(:", "cannot be imported: SyntaxError"),
    ("import nothing_of_that_name", "cannot be imported: ModuleNotFoundError"),
    ('"""A."""\nConfig = 1', "expected a function build"),
    ('"""A."""\nimport dataclasses\nfrom tfmodels import config\n\n'
     '@dataclasses.dataclass(frozen=True)\nclass Config(config.Config):\n    out: int = config.'
     'field(1, "x")\n\ndef build(_): pass', "out has the name of a launcher flag"),
    ('"""A."""\nimport dataclasses\nfrom tfmodels import config\n\n'
     '@dataclasses.dataclass(frozen=True)\nclass Config(config.Config):\n    size: int = 1\n\n'
     'def build(_): pass', "size has no help text"),
    ('"""A."""\nfrom __future__ import annotations\nimport dataclasses\nfrom tfmodels import '
     'config\n\n@dataclasses.dataclass(frozen=True)\nclass Config(config.Config):\n    size: int = '
     'config.field(1, "x")\n\ndef build(_): pass', "annotated with 'int'")])
def test_a_page_that_is_no_experiment_is_named_and_hides_no_other(page, says, launch, tmp_path,
                                                                  monkeypatch):
    (tmp_path / "odd_page.py").write_text(page, encoding="utf-8")
    monkeypatch.setattr(experiments, "__path__", [*experiments.__path__, str(tmp_path)])
    monkeypatch.delitem(sys.modules, "experiments.odd_page", raising=False)
    pages._load.cache_clear()
    code, out, _ = launch("--list")
    assert code == 0
    assert "not shown: the page experiments/odd_page.py" in out
    assert says in out
    assert "  gan " in out
    code, _, err = launch("--experiment=odd_page")
    assert code == 1
    assert says in err


@pytest.mark.parametrize(("flags", "says"), [
    (["--experiment=cnn", "--count=3"], "flag --count: expected --mode=sample or --mode=chat"),
    (["--experiment=cnn", "--logdir="], "flag --logdir=: expected the name of a folder"),
    (["--experiment=CNN"], "did you mean cnn?"),
    (["--experiment=dense", "--steps=9223372036854775808"], "at most 1000000000"),
    (["--experiment=dense", "--run=z", "--logdir=/proc/x"], "cannot make a file in /proc/x")])
def test_careless_flags_get_one_message(flags, says, launch):
    code, _, err = launch(*flags)
    assert code in (1, 5)
    assert says in err
