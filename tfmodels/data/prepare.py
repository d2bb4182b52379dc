"""Finding, preparing and opening a TFDS data set, safely beside other processes."""

import contextlib
import errno
import fcntl
import functools
import importlib
import io
import logging
import os
import random
import re
import shutil
import urllib.error

import requests
import tensorflow_datasets as tfds
from tensorflow_datasets.core.download import downloader
from tensorflow_datasets.core.download.util import DownloadError

from tfmodels.data import catalog
from tfmodels.errors import DataError, InputError, StorageError, nearest

_FULL = (errno.ENOSPC, errno.EDQUOT)
_NO_NETWORK = (
    requests.exceptions.RequestException,
    urllib.error.URLError,
    DownloadError,
    TimeoutError,
)


@contextlib.contextmanager
def quiet():
    """Silences the notices and progress bars of TFDS; errors still show."""
    tfds.disable_progress_bar()
    log = logging.getLogger("absl")
    level = log.level
    log.setLevel(logging.ERROR)
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            yield
    finally:
        log.setLevel(level)


def open_builder(name, data_dir):
    """Opens a data set without preparing it.

    Args:
      name: 'name', 'name/config', either with ':version'.
      data_dir: Path of the folder of prepared sets.

    Returns:
      (a `tfds.core.DatasetBuilder`, whether the set is prepared and nothing is left to sweep).

    Raises:
      InputError: no such set, version or config.
      DataError: the prepared copy is unreadable.
    """
    folder = catalog.prepared_dir(name, data_dir)
    with quiet():
        if folder is None:
            return _builder_from_code(name, data_dir), False
        try:
            return tfds.builder_from_directory(folder), not _staging(name, data_dir).exists()
        except Exception as error:
            raise DataError(f"{folder} is not a readable data set: {_brief(error)}") from error


def prepare(name, data_dir):
    """Downloads and prepares a data set under `data_dir`, once whoever else tries it too.

    The work is done in DATA_DIR/incomplete.NAME and renamed when complete. A lock that dies with
    its holder admits one process at a time, so what lies in that folder before is a dead one's.

    Args:
      name: as for `open_builder`.
      data_dir: Path of the folder of prepared sets; original files are looked for in
        DATA_DIR/downloads/manual/NAME/ or, without it, DATA_DIR/downloads/manual/.

    Raises:
      DataError: the folder is not writable, a file cannot be downloaded, or preparation fails.
      StorageError: the disk is full.
    """
    staging = _staging(name, data_dir)
    with locked(data_dir, _slug(name)), quiet(), random_state_kept():
        shutil.rmtree(staging, ignore_errors=True)
        if catalog.prepared_dir(name, data_dir):
            return
        _sweep(name, data_dir)
        try:
            builder = _builder_from_code(name, staging)
            _download_and_prepare(builder, name, data_dir)
            _publish(builder, staging, data_dir)
        finally:
            shutil.rmtree(staging, ignore_errors=True)


def _slug(name):
    return name.replace("/", ".").replace(":", ".")


def _staging(name, data_dir):
    return data_dir / f"incomplete.{_slug(name)}"


@contextlib.contextmanager
def random_state_kept():
    """Gives Python's generator its state back, from which Keras draws the seeds of weights.

    TFDS draws from it too: the first training, which prepares the data, would start from other
    weights than the same command does later.
    """
    before = random.getstate()
    try:
        yield
    finally:
        random.setstate(before)


def _builder_from_code(name, data_dir):
    base, config, _ = catalog.parse_name(name)
    if base in catalog.EMBEDDED:
        importlib.import_module(f"tfmodels.data.{base}")
    try:
        configs = list(tfds.builder_cls(base).builder_configs)
        if config and config not in configs:
            raise InputError(
                f"{base} has no config {config!r}{nearest(config, configs)}\n"
                f"its configs: {', '.join(configs)[:300] or 'none'}"
            )
        return tfds.builder(name, data_dir=os.fspath(data_dir))
    except tfds.core.DatasetNotFoundError:
        catalog.check_name(name, data_dir)
        raise
    except (AssertionError, ValueError) as error:  # how TFDS rejects a version or a config
        raise InputError(f"cannot open data set {name!r}: {_brief(error)}") from error


@contextlib.contextmanager
def locked(data_dir, slug):
    """Holds DATA_DIR/.SLUG.lock; waits while another process holds it."""
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        file = open(data_dir / f".{slug}.lock", "a")  # noqa: SIM115 (closed below)
    except OSError as error:
        if error.errno in _FULL:
            raise StorageError(f"no room to prepare data in {data_dir}") from error
        raise DataError(
            f"cannot write to {data_dir} ({error.strerror}), where {slug} would be prepared",
            "data folder"
        ) from error
    with file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _sweep(name, data_dir):
    """Removes what dead preparations by plain TFDS left of an embedded set.

    Only this package prepares those, and the lock is held; in the folder of a catalogue set an
    `incomplete.` folder may belong to a live TFDS process and is not touched.
    """
    base, _, _ = catalog.parse_name(name)
    if base in catalog.EMBEDDED:
        for folder in (data_dir / base).glob("incomplete.*"):
            shutil.rmtree(folder, ignore_errors=True)


def _download_and_prepare(builder, name, data_dir):
    downloads = data_dir / "downloads"
    manual = downloads / "manual"
    own = manual / builder.name
    _fail_fast()
    try:
        builder.download_and_prepare(
            download_dir=downloads,
            download_config=tfds.download.DownloadConfig(
                manual_dir=own if own.is_dir() else manual, try_download_gcs=False
            ),
            file_format="tfrecord",
        )
    except _NO_NETWORK as error:
        request = getattr(error, "request", None)
        files = sorted({info.filename for info in (builder.url_infos or {}).values()} - {None})
        files = f" ({', '.join(files)})" if 0 < len(files) <= 4 else ""
        raise DataError(
            f"could not download {request.url if request else _brief(error)} for {name!r}; either\n"
            f"put the original files{files} into {manual}{os.sep}, or\n"
            f"use an embedded data set, no network needed: {catalog.embedded_for(())}",
            "data folder"
        ) from error
    except Exception as error:
        if getattr(error, "errno", None) in _FULL or "Not enough disk space" in str(error):
            raise StorageError(f"no room to prepare {name!r} in {data_dir}") from error
        raise DataError(f"could not prepare {name!r} in {data_dir}: {_brief(error)}") from error


@functools.cache
def _fail_fast():
    """Lets a download fail at once where there is no network, instead of after minutes."""
    if hasattr(downloader, "MAX_RETRIES"):
        downloader.MAX_RETRIES = 0
    if hasattr(downloader, "_open_with_requests"):
        downloader._open_with_requests = functools.partial(
            downloader._open_with_requests,
            timeout=(10, 60),  # seconds: to connect, to read
        )


def _publish(builder, staging, data_dir):
    """Moves the finished version, and the name of the default config, to their places."""
    final = data_dir / os.path.relpath(builder.data_dir, staging)
    final.parent.mkdir(parents=True, exist_ok=True)
    if (staging / builder.name / ".config").is_dir():
        shutil.copytree(
            staging / builder.name / ".config",
            data_dir / builder.name / ".config",
            dirs_exist_ok=True,
        )
    try:
        os.rename(builder.data_dir, final)
    except OSError:
        if not (final / "dataset_info.json").is_file():  # else plain TFDS was first: read that
            raise


def _brief(error):
    """Returns what an error says on one line of at most 400 characters."""
    text = re.sub(r"^Failed to construct dataset .*?}\": ", "", str(error))
    return " ".join(text.split())[:400] or type(error).__name__
