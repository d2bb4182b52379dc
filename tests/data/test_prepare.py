"""Preparing a data set: without a network, killed, twice at once, where nothing can be written."""

import hashlib
import io
import random
import shutil
import subprocess
import sys

import numpy as np
import pytest
import requests
import tensorflow_datasets as tfds
from tensorflow_datasets.core.download import downloader

from tfmodels.data import prepare as prepare_module
from tfmodels.data.load import load
from tfmodels.errors import DataError
from tfmodels.launcher import advice


def test_without_a_network_it_fails_fast_and_says_what_to_do(tmp_path, monkeypatch):
    attempts = []

    def send(self, request, **kwargs):
        attempts.append((self.max_retries.total, kwargs["timeout"]))
        raise requests.exceptions.ConnectionError("Name or service not known", request=request)

    monkeypatch.setattr(requests.adapters.HTTPAdapter, "send", send)
    with pytest.raises(DataError) as caught:
        load("cifar10", tmp_path)
    assert caught.value.exit_code == 3
    message = advice.message(caught.value)
    for part in (
        *("https://www.cs.toronto.edu", "cifar-10-binary.tar.gz", "--data_dir"),
        *(str(tmp_path / "downloads" / "manual"), "mnist_10k", "kjv_verses"),
    ):
        assert part in message
    assert len(message.splitlines()) <= 5
    assert attempts == [(0, (10, 60))]  # once, and not for long
    assert downloader.MAX_RETRIES == 0
    assert not list(tmp_path.glob("incomplete.*"))


def test_a_download_with_a_wrong_checksum_is_refused_and_a_retry_works(tmp_path, monkeypatch):
    right, served = b"0123456789", [b"01234x6789", b"0123456789"]
    url = "https://example.invalid/ten.txt"

    class TinyDownload(tfds.core.GeneratorBasedBuilder):
        """A set made of one downloaded file."""

        VERSION = tfds.core.Version("1.0.0")

        url_infos = {url: tfds.core.download.checksums.UrlInfo(
            size=10, checksum=hashlib.sha256(right).hexdigest(), filename="ten.txt")}

        def _info(self):
            return tfds.core.DatasetInfo(builder=self, features=tfds.features.FeaturesDict(
                {"image": tfds.features.Image(shape=(1, 1, 1))}))

        def _split_generators(self, dl_manager):
            return {"train": self._generate_examples(dl_manager.download(url))}

        def _generate_examples(self, path):
            for i, value in enumerate(path.read_bytes()):
                yield i, {"image": np.full((1, 1, 1), value, np.uint8)}

    def send(self, request, **_):
        response = requests.Response()
        response.status_code, response.url = 200, request.url
        response.raw, response.request = io.BytesIO(served.pop(0)), request
        return response

    monkeypatch.setattr(requests.adapters.HTTPAdapter, "send", send)
    with pytest.raises(DataError, match="tiny_download.*checksum"):
        load("tiny_download", tmp_path, ("image",))
    assert not (tmp_path / "tiny_download").exists()
    assert not list(tmp_path.glob("incomplete.*"))
    splits = load("tiny_download", tmp_path, ("image",)).splits
    assert sum(split.size for split in splits.values()) == len(right)


def test_preparing_does_not_change_what_weights_are_drawn(tmp_path):
    random.seed(1)
    load("tiny_pictures", tmp_path)
    drawn = random.random()
    random.seed(1)
    assert drawn == random.random()


def test_a_dead_preparation_is_swept_and_a_live_foreign_one_left(tmp_path):
    ours = tmp_path / "incomplete.tiny_pictures"
    foreign = tmp_path / "tiny_pictures" / "incomplete.ABC123_2.1.0"
    dead = tmp_path / "mnist_10k" / "incomplete.ABC123_1.0.0"
    for folder in (ours / "tiny_pictures" / "incomplete.X_2.1.0", foreign, dead):
        folder.mkdir(parents=True)
    load("tiny_pictures", tmp_path)
    load("mnist_10k", tmp_path)
    assert not ours.exists()
    assert not dead.exists()
    assert foreign.exists()


def test_two_processes_preparing_at_once_both_succeed_and_print_nothing(tmp_path, capfd):
    code = (
        "import sys; from tfmodels.data.load import load; print('ready', flush=True); input();"
        "dataset = load('mnist_10k', sys.argv[1]); print(dataset.splits['test'].fingerprint())"
    )
    pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
    with subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], text=True, **pipes) as other:
        assert other.stdout.readline() == "ready\n"
        other.stdin.write("\n")
        other.stdin.flush()
        fingerprint = load("mnist_10k", tmp_path).splits["test"].fingerprint()
        out, err = other.communicate(timeout=300)
    assert out == fingerprint + "\n"
    for text in (err, *capfd.readouterr()):
        assert "preparing" not in text.lower()
        assert "WARNING:absl" not in text
    left = [".mnist_10k.lock", "downloads", "mnist_10k"]
    assert sorted(path.name for path in tmp_path.iterdir()) == left


def test_a_prepared_set_is_only_read(copied, monkeypatch):
    folder = copied("mnist_10k")
    for path in (*folder.rglob("*"), folder):
        path.chmod(0o555 if path.is_dir() else 0o444)  # root writes all the same, hence:
    monkeypatch.setattr(prepare_module, "locked", None)
    before = sorted((path, path.stat().st_mtime_ns) for path in folder.rglob("*"))
    assert load("mnist_10k", folder).splits["test"].arrays()["image"].shape[0] == 2_000
    assert sorted((path, path.stat().st_mtime_ns) for path in folder.rglob("*")) == before
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o755)
    shutil.rmtree(folder)


def test_an_unwritable_folder_is_a_data_error(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(DataError, match="cannot write to") as refused:
        load("mnist_10k", tmp_path / "file" / "data")
    assert "--data_dir" in advice.message(refused.value)
