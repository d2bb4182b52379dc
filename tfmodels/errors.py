"""The mistakes and faults a user can meet, each with the exit code the launcher answers with.

Every message says what was wrong, what was expected and, where there is one, the nearest
valid choice. Library code raises these; only the launcher turns them into exit codes.
"""

import difflib
import errno
import signal

from tfmodels.progress import activity


class UserError(Exception):
    """A mistake or fault that is reported as one message, without a traceback.

    Args:
        message: what was wrong, what was expected and, where there is one, the nearest valid value.
        remedy: what would help, by a name for which the launcher knows the flags.
    """

    exit_code = 1
    remedy = None

    def __init__(self, message, remedy=None):
        super().__init__(message)
        self.remedy = remedy or self.remedy


class InputError(UserError):
    """A wrong flag, name or input (exit code 1)."""


class SettingError(InputError):
    """A setting with a value that cannot be (exit code 1).

    Args:
        name: of the setting.
        value: its value.
        expected: what was expected instead.
    """

    def __init__(self, name, value, expected):
        super().__init__(f"{name}={value}: {expected}")


class DataError(UserError):
    """A data set that is missing, damaged or out of reach (exit code 3)."""

    exit_code = 3


class NotFiniteError(UserError):
    """A loss or metric became NaN or infinite (exit code 4)."""

    exit_code = 4
    remedy = "gentler"


class CollapseError(UserError):
    """Adversarial training has collapsed (exit code 4)."""

    exit_code = 4
    remedy = "another start"


class StorageError(UserError):
    """No room on disk or in memory, or no right to write (exit code 5)."""

    exit_code = 5


class OutOfMemoryError(StorageError):
    """No room in memory (exit code 5)."""

    remedy = "smaller"


class BusyError(UserError):
    """Another process works in the same run folder (exit code 6)."""

    exit_code = 6


class CheckpointError(UserError):
    """No usable checkpoint or export (exit code 7)."""

    exit_code = 7


class Stopped(UserError):
    """SIGINT or SIGTERM ended the work in an orderly way (exit code 130 or 143)."""

    def __init__(self, signum, message):
        super().__init__(f"{signal.Signals(signum).name}: {message}")
        self.exit_code = 128 + signum


def nearest(name, names):
    """Returns `; did you mean X?` for the closest of `names`, or an empty string."""
    by_lower = {str(other).lower(): other for other in names}
    close = difflib.get_close_matches(name.lower(), by_lower, n=1, cutoff=0.5)
    return f"; did you mean {by_lower[close[0]]}?" if close else ""


_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_NO_ROOM_TEXTS = ("No space left on device", "File too large", "Disk quota exceeded")
_NO_RIGHT = {errno.EROFS, errno.EACCES, errno.EPERM}
_NO_MEMORY_TEXTS = ("OOM when allocating", "failed to allocate memory", "Out of memory",
                    "could not allocate", "Cannot allocate memory")


def recognize(error):
    """Returns the `UserError` that says what a fault of the machine means, or None.

    Recognised are a full disk, a file-size limit, a folder without the right to write, and
    exhausted memory, whether Python, NumPy or TensorFlow met them.
    """
    text = str(error)
    if isinstance(error, UserError):
        return error
    place = f" at {error.filename}" if isinstance(error, OSError) and error.filename else ""
    number = error.errno if isinstance(error, OSError) else None
    if number in _NO_ROOM or any(known in text for known in _NO_ROOM_TEXTS):
        return StorageError(f"no room on the disk{place or f': {_first_line(text)}'}; what was "
                            "saved before is intact. Make room, then repeat the same command")
    if number in _NO_RIGHT:
        return StorageError(f"no right to write{place}", "writable")
    if isinstance(error, MemoryError) or any(known in text for known in _NO_MEMORY_TEXTS):
        return OutOfMemoryError("out of memory; what was saved before is intact")
    return None


def attempt(name, compute, errors):
    """Computes a score or a picture, whose failure must not cost a training; says so if it is slow.

    Args:
        name: what it is, such as `baseline tfidf_linear_svm`.
        compute: function of no arguments.
        errors: dict; what went wrong is kept in it under `name`, and printed.

    Returns:
        What `compute` returns, or None where it failed.

    Raises:
        UserError: signals and faults of disk and data, after which nothing could be computed.
    """
    try:
        with activity.of(name):
            return compute()
    except Exception as error:
        fault = recognize(error)
        if fault is not None and not isinstance(fault, (InputError, OutOfMemoryError)):
            raise
        errors[name] = ("out of memory" if isinstance(fault, OutOfMemoryError)
                        else f"{type(error).__name__}: {_first_line(str(error))}")
        print(f"warning: {name} failed ({errors[name]}); all else goes on", flush=True)
        return None


def _first_line(text):
    """Returns the first line of a text, at most 300 characters."""
    return (text.strip().splitlines() or [""])[0][:300]
