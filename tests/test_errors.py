"""What is known of faults, and what ends a process."""

import errno
import signal

import pytest
import tensorflow as tf

from tfmodels import errors
from tfmodels.launcher import advice

RECOGNIZED = {
    "disk full": (OSError(errno.ENOSPC, "No space left on device", "/x/y"), "/x/y"),
    "quota": (OSError(errno.EDQUOT, "Disk quota exceeded", "/x/y"), "/x/y"),
    "file too large": (OSError(errno.EFBIG, "File too large", "/x/y"), "/x/y"),
    "read-only": (OSError(errno.EROFS, "Read-only file system", "/x/y"), "/x/y"),
    "no right": (PermissionError(errno.EACCES, "Permission denied", "/x/y"), "/x/y"),
    "disk full in TensorFlow": (tf.errors.ResourceExhaustedError(
        None, None, "/x/y; No space left on device"), "/x/y"),
    "file too large in TensorFlow": (tf.errors.UnknownError(
        None, None, "/x/y; File too large"), "/x/y"),
    "out of memory in TensorFlow": (tf.errors.ResourceExhaustedError(
        None, None, "OOM when allocating tensor with shape[9]"), "--batch_size"),
    "out of memory in Python": (MemoryError(), "--batch_size"),
}


@pytest.mark.parametrize("fault", RECOGNIZED)
def test_fault_of_the_machine_is_code_5_and_names_what_to_do(fault):
    error, expected = RECOGNIZED[fault]
    known = errors.recognize(error)
    assert known.exit_code == 5
    assert expected in advice.message(known)


def test_a_bug_is_not_hidden():
    assert errors.recognize(ValueError("a bug")) is None
    assert errors.recognize(OSError(errno.ENOENT, "No such file", "x")) is None


@pytest.mark.parametrize("error", [
    errors.Stopped(signal.SIGTERM, "saved"), errors.DataError("a file is damaged"),
    OSError(errno.ENOSPC, "No space left on device", "x")])
def test_what_ends_a_process_is_not_taken_for_a_failed_score(error):
    def fail():
        raise error
    with pytest.raises(type(error)):
        errors.attempt("baseline x", fail, {})


def test_memory_that_a_baseline_cannot_have_is_its_own_fault():
    def fail():
        raise MemoryError
    found = {}
    assert errors.attempt("baseline x", fail, found) is None
    assert found == {"baseline x": "out of memory"}
