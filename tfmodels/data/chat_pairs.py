"""Questions and answers of the package `chatterbot-corpus` as an embedded TFDS builder."""

import importlib.resources
import re

import tensorflow_datasets as tfds
import yaml

from tfmodels.data import catalog
from tfmodels.data.pairs import PairsBuilder

# In these files every line after the first answers the first; in the others the line before it.
_ALTERNATIVES = ("computers.yml", "emotion.yml")


class ChatPairs(PairsBuilder):
    """`question` and `answer`, one line each; no question of one split is asked in another.

    The corpus repeats some pairs a hundred times: each is kept once, without regard to case and
    punctuation. Messages of several lines, which are listings of programs, are left out.
    """

    name = "chat_pairs"
    VERSION = tfds.core.Version(catalog.EMBEDDED[name].version)
    keys = ("question", "answer")
    homepage = "https://github.com/gunthercox/chatterbot-corpus"
    license = "BSD-3-Clause"

    def pairs(self):
        """Yields (question, answer) in the order of the corpus, none twice."""
        seen = set()
        folder = importlib.resources.files("chatterbot_corpus") / "data" / "english"
        for file in sorted(folder.iterdir(), key=lambda path: path.name):
            for conversation in yaml.safe_load(file.read_text("utf-8"))["conversations"]:
                if isinstance(conversation, str):  # a line of trivia.yml lacks its answer's indent
                    continue
                lines = [line.strip() for line in conversation]
                firsts = lines[:1] * len(lines) if file.name in _ALTERNATIVES else lines
                for question, answer in zip(firsts, lines[1:], strict=False):
                    key = normal(question), normal(answer)
                    if all(key) and key not in seen and "\n" not in question + answer:
                        seen.add(key)
                        yield question, answer

    def group(self, source):
        """Returns a question without regard to case and punctuation."""
        return normal(source)


def normal(text):
    """Returns a text's letters and digits in lower case, with single spaces: `what s your name`."""
    return " ".join(re.findall(r"\w+", text.lower()))
