"""Files that take their place whole or not at all, and the removal of what is in the way."""

import contextlib
import hashlib
import json
import os
import pathlib
import secrets
import shutil

from tfmodels.errors import CheckpointError

_LEFTOVERS = f".{'?' * 16}.tmp"


@contextlib.contextmanager
def replacing(path, text=False, sync=False):
    """Yields a new file that takes the place of `path` when the block ends without an error.

    It lies beside `path` under a name that nobody can foresee, and is opened only if nothing has
    that name: a link that a stranger has put somewhere is never written through. If `path` itself
    is a link, it is replaced, not followed.

    Args:
        path: the file to write.
        text: open it for UTF-8 text, not for bytes.
        sync: bring it to the disk before it takes its place, against a power cut.
    """
    path = pathlib.Path(path)
    temporary = path.with_name(f".{secrets.token_hex(8)}.tmp")
    try:
        with open(temporary, "x" if text else "xb", encoding="utf-8" if text else None) as file:
            yield file
            if sync:
                file.flush()
                os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def sweep(folder):
    """Deletes what a process that was killed in `replacing` left in a folder or below it.

    Only for a folder that no other process writes in.
    """
    for leftover in pathlib.Path(folder).rglob(_LEFTOVERS):
        leftover.unlink()


def remove(path):
    """Deletes a file, a folder with all it holds, or a link, whose target stays."""
    path = pathlib.Path(path)
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink()


def read_json(path):
    """Returns the content of a JSON file, or None if there is no such file.

    Raises:
        CheckpointError: the file is not JSON.
    """
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except ValueError:
        raise CheckpointError(f"{path} is damaged: expected JSON") from None


def check_holds(content, path, kinds):
    """Refuses what a JSON file held if it is not a dict with some entries.

    Args:
        content: as of `read_json`.
        path: of the file.
        kinds: {name of an entry: its type, or types}.

    Raises:
        CheckpointError: naming an entry that is missing or of another kind.
    """
    if not isinstance(content, dict):
        raise CheckpointError(f"{path} is damaged: expected a JSON object")
    for name, kind in kinds.items():
        if not isinstance(content.get(name), kind):
            raise CheckpointError(f"{path} is damaged: expected its entry {name!r}")


def write_json(path, content):
    """Writes a JSON file, whole or not at all."""
    with replacing(path, text=True, sync=True) as file:
        json.dump(content, file, indent=2, ensure_ascii=False)
        file.write("\n")


def sha256(path):
    """Returns the sha256 of a file, in hexadecimal."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
