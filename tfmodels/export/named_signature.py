"""Signatures that take the columns of a table, each by a name that SavedModels allow."""

import keyword
import re
import unicodedata

import tensorflow as tf


def input_names(columns):
    """Returns the names under which an export takes columns: `Area_m2` of `Area (m²)`.

    Letters, digits and underscores stay as they are; other letters lose their accents, all else
    becomes an underscore. Names are those of Python, and differ in more than upper and lower case.
    """
    names = []
    for number, column in enumerate(columns, 1):
        plain = unicodedata.normalize("NFKD", column).encode("ascii", "ignore").decode()
        name = column if column == plain and column.isidentifier() else (
            re.sub(r"\W+", "_", plain).strip("_"))
        if not name or not name[0].isalpha() or keyword.iskeyword(name) or name == "self":
            name = f"column_{name or number}"
        taken, stem, again = {other.lower() for other in names}, name, 2
        while name.lower() in taken:
            name, again = f"{stem}_{again}", again + 1
        names.append(name)
    return names


class NamedSignature:
    """A `tf.function` that is called with its inputs by their names, and returns a dict.

    Args:
        function: {name: tensor [B]} -> {name: tensor}.
        specs: list of TensorSpec with names.
    """

    def __init__(self, function, specs):
        names = [spec.name for spec in specs]

        @tf.function(input_signature=specs, autograph=False)
        def serve(*inputs):
            return function(dict(zip(names, inputs, strict=True)))
        self._names, self._serve = names, serve

    def __call__(self, **inputs):
        """Answers for inputs by their names."""
        return self._serve(*[inputs[name] for name in self._names])

    def get_concrete_function(self):
        """Returns the graph that is exported."""
        return self._serve.get_concrete_function()
