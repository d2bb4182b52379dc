"""The share of texts that lose their tail is said."""

import tensorflow as tf

from tfmodels.tokens import cut


def test_the_share_of_cut_texts_is_counted_in_tokens_and_printed(capsys):
    texts = [b"a b c", b"a, b", b"a", b"", b"one two three four"]  # 3, 3, 1, 0 and 4 tokens
    for length, share in ((0, "80.0%"), (2, "60.0%"), (3, "20.0%")):
        said = [f"{share} of 5 training texts are longer than {length} tokens and cut there"]
        assert cut.note(texts, cut.longer_than(length), "training texts", length) == said
        assert capsys.readouterr().out == said[0] + "\n"
    assert cut.note(texts, cut.longer_than(4), "training texts", 4) == []
    assert capsys.readouterr().out == ""


def test_of_many_or_long_texts_the_first_are_looked_at(monkeypatch):
    monkeypatch.setattr(cut, "_AT_ONCE", 6)
    asked = []

    def is_cut(texts):
        asked.append(texts.numpy().tolist())
        return tf.constant([True] * len(asked[-1]))
    assert cut.note([b"abc"] * 5, is_cut, "sources", 2) == [
        "100.0% of 5 sources are longer than 2 tokens and cut there"]
    assert asked == [[b"abc"] * 2, [b"abc"] * 2, [b"abc"]]
    for name, value in (("_TEXTS", 3), ("_BYTES", 8)):
        with monkeypatch.context() as patch:
            patch.setattr(cut, name, value)
            assert "of 3 sources" in cut.note([b"abc"] * 5, is_cut, "sources", 2)[0]
