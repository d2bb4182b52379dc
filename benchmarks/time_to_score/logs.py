"""The log of a recipe: a line of JSON for each validation, see `recipes.common`."""

import json


def read(log):
    """Returns the lines of a log, a Path, as dicts."""
    return [json.loads(line) for line in log.read_text("utf-8").splitlines()]


def score(log, function):
    """Rewrites a log whose lines name files: each gets the score of its file instead.

    Args:
        log: Path; the files lie beside it.
        function: path of a file -> number.
    """
    lines = [{"clock": line["clock"], "score": float(function(log.parent / line["file"]))}
             for line in read(log)]
    log.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
