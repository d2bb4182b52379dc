import json
import subprocess
import sys

import pytest

from tfmodels.data import catalog
from tfmodels.errors import InputError


def test_catalog_imports_neither_tensorflow_nor_tfds():
    code = (
        "import sys; from tfmodels.data import catalog; catalog.check_name('mnist_10k');"
        "print({'tensorflow', 'tensorflow_datasets', 'numpy'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_default_data_dir(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("TFDS_DATA_DIR", raising=False)
    assert catalog.default_data_dir() == str(tmp_path / "tensorflow_datasets")
    assert catalog.resolve_data_dir("~/x") == tmp_path / "x"
    monkeypatch.setenv("TFDS_DATA_DIR", "/elsewhere")
    assert catalog.default_data_dir() == "/elsewhere"


def test_split_sizes_of_embedded_sets_are_those_prepared(data_dir, tmp_path):
    for name in ("mnist_10k", "kjv_verses"):
        assert catalog.split_sizes(name, tmp_path) == catalog.split_sizes(name, data_dir)
    assert catalog.split_sizes("mnist_10k:9.0.0", tmp_path) is None


def _write_info(folder, **splits):
    folder.mkdir(parents=True)
    info = {"splits": [{"name": n, "shardLengths": lengths} for n, lengths in splits.items()]}
    (folder / "dataset_info.json").write_text(json.dumps(info))


def test_split_sizes_reads_the_newest_prepared_version_and_the_default_config(tmp_path):
    _write_info(tmp_path / "some" / "1.9.0", train=["1"])
    _write_info(tmp_path / "some" / "1.10.0", train=["30", "12"], test=["7"])
    _write_info(tmp_path / "some" / "incomplete.ABC_2.0.0", train=["5"])
    assert catalog.split_sizes("some", tmp_path) == {"train": 42, "test": 7}
    assert catalog.split_sizes("some:1.9.0", tmp_path) == {"train": 1}
    assert catalog.split_sizes("some:1.8.0", tmp_path) is None
    assert catalog.split_sizes("none", tmp_path) is None
    _write_info(tmp_path / "glue" / "cola" / "2.0.0", train=["3"])
    assert catalog.split_sizes("glue/cola", tmp_path) == {"train": 3}
    assert catalog.split_sizes("glue", tmp_path) is None
    (tmp_path / "glue" / ".config").mkdir()
    metadata = tmp_path / "glue" / ".config" / "metadata.json"
    metadata.write_text('{"default_config_name": "cola"}')
    assert catalog.split_sizes("glue", tmp_path) == {"train": 3}


@pytest.mark.parametrize("name", ["mnist", "kjv_verses:1.0.0", "tiny_pictures", "on_disk_only"])
def test_check_name_accepts(name, tmp_path):
    _write_info(tmp_path / "on_disk_only" / "1.0.0", train=["1"])
    catalog.check_name(name, tmp_path)


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("mnits", "did you mean mnist?"),
        ("kjv_verse", "did you mean kjv_verses?"),
        ("fashion-mnist", "expected name"),
        ("mnist/3.0.1", "mnist:3.0.1"),
        ("mnist_10k:2.0.0", "only 1.0.0"),
        ("", "expected name"),
    ],
)
def test_check_name_refuses_briefly_with_the_nearest(name, hint, tmp_path):
    with pytest.raises(InputError) as caught:
        catalog.check_name(name, tmp_path)
    message = str(caught.value)
    assert hint in message
    assert len(message.splitlines()) <= 5
    assert len(message) < 600


def test_sets_prepared_in_the_data_folder_are_listed_and_suggested(tmp_path):
    for name in ("my_verses/1.0.0", "other/en/2.0.0", "own/photos-1/abc"):
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "dataset_info.json").write_text("{}")
    assert catalog.prepared_names(tmp_path) == ["my_verses", "other"]
    with pytest.raises(InputError, match="did you mean my_verses") as caught:
        catalog.check_name("my_verse", tmp_path)
    assert f"prepared in {tmp_path}: my_verses, other" in str(caught.value)


@pytest.mark.parametrize(("name", "is_path"), [
    ("/a/b", True), ("./a", True), ("../a", True), ("~/a", True), ("a.csv", True), ("x.npz", True),
    ("mnist", False), ("mnist:3.0.1", False), ("glue/cola", False), ("mnist_10k", False)])
def test_paths_are_told_from_names(name, is_path, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mnist_10k").mkdir()
    assert bool(catalog.own_path(name)) == is_path
    (tmp_path / "photos").mkdir()
    assert catalog.own_path("photos") == tmp_path / "photos"


def test_a_folder_does_not_hide_a_prepared_set_of_its_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # as in the folder of prepared sets itself
    (tmp_path / "mnist" / "3.0.1").mkdir(parents=True)
    (tmp_path / "mnist" / "3.0.1" / "dataset_info.json").write_text('{"splits": []}')
    assert catalog.own_path("mnist", tmp_path) is None
    assert catalog.own_path("mnist", tmp_path / "elsewhere") == tmp_path / "mnist"
    assert catalog.own_path("./mnist", tmp_path) == tmp_path / "mnist"
