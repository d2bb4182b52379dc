"""Words and punctuation marks as the tokens of texts."""

from tfmodels.tokens.words import word_tokens


def test_case_and_marks_are_kept_and_what_is_rare_is_unknown():
    texts = ["The LORD is my shepherd;I shall not want.",
             "My Lord's Caf\u00e9 (e\u0301t\u00e9) is."]
    layer = word_tokens([text.encode() for text in texts], 100, 12)
    words = layer.get_vocabulary()
    assert [[words[token] for token in row] for row in layer(texts).numpy()] == [
        ["The", "LORD", "is", "my", "shepherd", ";", "I", "shall", "not", "want", ".", ""],
        ["My", "Lord", "'", "s", "Caf\u00e9", "(", "e\u0301t\u00e9", ")", "is", ".", "", ""]]
    assert layer(["lord; is"]).numpy().tolist() == [[1, *layer(["; is"]).numpy()[0, :11]]]
    few = word_tokens([b"b b. b . a"], 4, 3)
    assert few.get_vocabulary() == ["", "[UNK]", "b", "."]
    assert few(["a\N{NO-BREAK SPACE}b"]).numpy().tolist() == [[1, 2, 0]]
