"""The prepared copies of a user's own files: one for each content that they had."""

import hashlib
import json
import os
import re
import time

from tfmodels import files
from tfmodels.data.own import found_files

_ABOUT = "own_files.json"


class Copies:
    """What was prepared of the files at a path, in DATA_DIR/own/NAME-HASH OF THE PATH.

    A copy is a folder there, named by the hash of the content. Its `own_files.json` says what was
    asked for, and which files it was made of.

    Attributes:
        folder: Path of the folder of copies.
    """

    def __init__(self, path, data_dir):
        self._path = path
        self.folder = data_dir / "own" / _folder_name(path)

    def any(self):
        """Tells whether there is a copy."""
        return any(True for _ in self._known())

    def of_table(self):
        """Tells whether the newest copy is a table of numbers and categories."""
        about = next(self._known(), ({}, {"asked": ()}))[1]
        return any("numbers" in asked["needs"] for asked in about["asked"])

    def of_listing(self, asked, listed):
        """Returns (folder, what is known) of the copy that was made of files as they are.

        Args:
            asked: dict, what the copy must answer.
            listed: the files at the path; names, sizes and times are compared.

        Returns:
            None where there is no such copy.
        """
        for folder, about in self._answering(asked):
            referenced = filter(None, map(found_files.file_at, about.get("referenced", ())))
            if about.get("listing") == found_files.listing_digest([*listed, *referenced]):
                return folder, about
        return None

    def newest(self, asked):
        """Returns (folder, what is known) of the copy that was made last, or None."""
        return next(self._answering(asked), None)

    def line(self, folder, about):
        """Says that files which are gone are replaced by a copy."""
        made = time.strftime("%Y-%m-%d %H:%M", time.localtime(_time(folder)))
        return (f"{found_files.shown(self._path)} is not there any more: its copy in {folder}, "
                f"prepared {made}, is used; {about['line']}")

    def _answering(self, asked):
        """Yields those of `_known` that answer what is asked for."""
        return ((folder, about) for folder, about in self._known() if asked in about["asked"])

    def _known(self):
        """Yields (folder, what is known) of each copy, the newest first."""
        for path in sorted(self.folder.glob(f"*/{_ABOUT}"), key=lambda path: -_time(path.parent)):
            try:
                about = read(path.parent)
                if about["asked"] and about["line"] and _time(path.parent):
                    yield path.parent, about
            except (OSError, ValueError, KeyError, TypeError):
                continue


def read(folder):
    """Returns what is known of a copy."""
    return json.loads((folder / _ABOUT).read_text("utf-8"))


def write(folder, about):
    """Writes what is known of a copy, whole."""
    files.write_json(folder / _ABOUT, about)


def _time(folder):
    """Returns when a copy was prepared, in seconds; 0 where it is none."""
    try:
        return (folder / "dataset_info.json").stat().st_mtime
    except OSError:
        return 0


def _folder_name(path):
    """Returns a name for a path: readable, and another for another path."""
    stem = re.sub(r"[^\w-]+", "_", path.name).strip("_")[:40] or "files"
    return f"{stem}-{hashlib.sha256(os.fsencode(path)).hexdigest()[:8]}"
