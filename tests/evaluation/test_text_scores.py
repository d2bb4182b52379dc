import numpy as np
import pytest
import sacrebleu
from sklearn.feature_extraction.text import TfidfVectorizer

from tfmodels.evaluation import text_scores


def test_a_source_is_scored_against_all_its_targets():
    recorded = text_scores.references([b"hi", b"bye", b"hi", b"old"],
                                      [b"Hello", b"Ciao", b"Hey", b"No"])
    assert recorded == {b"hi": ["Hello", "Hey"], b"bye": ["Ciao"], b"old": ["No"]}
    found = text_scores.scores(["hEy ", "ci ao", "yes"], [*recorded.values()])
    assert found["exact_match"] == pytest.approx(2 / 3)
    best = sacrebleu.corpus_chrf(["hEy ", "ci ao", "yes"], [["Hey", "Ciao", "No"]]).score
    assert found["chrf"] == pytest.approx(best)


def test_scores_are_those_of_sacrebleu():
    written = ["the cat sat on the mat today", "a dog", ""]
    recorded = ["the cat sat on a mat today", "the dog", "a bird"]
    found = text_scores.scores(written, [[text] for text in recorded])
    assert found["chrf"] == pytest.approx(sacrebleu.corpus_chrf(written, [recorded]).score)
    assert found["bleu"] == pytest.approx(sacrebleu.corpus_bleu(written, [recorded]).score)
    assert text_scores.scores(recorded, [[text] for text in recorded]) == pytest.approx(
        {"exact_match": 1, "chrf": 100, "bleu": 100})


@pytest.mark.parametrize(("features", "settings"), [
    ("characters 2-4 within words", {"analyzer": "char_wb", "ngram_range": (2, 4)}),
    ("words 1-2", {"ngram_range": (1, 2), "token_pattern": r"\w+|[^\w\s]"})])
def test_the_nearest_source_is_that_of_the_largest_cosine(monkeypatch, features, settings):
    monkeypatch.setattr(text_scores, "_ROWS", 2)
    known = {b"red car": ["voiture rouge"], b"green tree": ["arbre vert", "x"], b"cat": ["chat"]}
    unknown = [b"a green bush", b"cats", b"red", "\u65e5".encode(), b"\xff tree"]
    found = text_scores.nearest_targets(known, unknown, features)
    vectorizer = TfidfVectorizer(sublinear_tf=True, decode_error="replace", **settings)
    rows = vectorizer.fit_transform(list(known)).toarray()
    for text, target in zip(unknown, found, strict=True):
        nearest = np.argmax(rows @ vectorizer.transform([text]).toarray()[0])
        assert target == [*known.values()][nearest][0]
    assert found[::2][:2] == ["arbre vert", "voiture rouge"]


def test_by_what_the_nearest_source_is_found_is_chosen_on_validation(capsys):
    known = {b"go home": ["rentrer"], b"gone hover": ["parti"], b"?": ["quoi"]}
    by_characters = {b"gone over": ["parti"]}
    by_words = {b"going home": ["rentrer"], b"gonehover go": ["rentrer"]}
    test = {b"gonehover go": ["rentrer"]}
    for validation, wanted in ((by_words, "words 1-2"), (by_words | by_characters, "words 1-2"),
                               ({b"gonehover go": ["parti"]}, "characters 2-4 within words")):
        found = text_scores.nearest_source(known, validation, test)
        assert found["settings"]["features"] == wanted
        assert (found["exact_match"] == 1) == (wanted == "words 1-2")
    assert "characters 2-4 within words of 3 settings chosen on validation" in (
        capsys.readouterr().out)


def test_of_a_source_with_very_many_targets_some_are_compared_and_all_are_matched(monkeypatch):
    monkeypatch.setattr(text_scores, "_TARGETS", 2)
    recorded = [["a cat", "a dog", "the bird"], ["no"]]
    found = text_scores.scores(["the bird", "no"], recorded)
    streams = [["a cat", "no"], ["a dog", None]]
    assert found["chrf"] == pytest.approx(sacrebleu.CHRF().corpus_score(
        ["the bird", "no"], streams).score)
    assert found["chrf"] < 99
    assert found["exact_match"] == 1
    monkeypatch.setattr(text_scores, "_TEXT", 6)
    assert text_scores.references([b"a source"], ["the\u00e9\u00e9".encode()]) == {
        b"a sour": ["the\u00e9"]}
