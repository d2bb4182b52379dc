"""What is said of a data set, counted by hand."""

from data.own.making import opened, write_csv, write_image

from tfmodels.data.summary import summarize


def test_counts_equal_examples_and_words(tmp_path):
    (tmp_path / "set").mkdir()
    write_csv(tmp_path / "set" / "train.csv", [
        ("a b c", "x"), ("a b c", "x"), ("d, e", "y"), ("", "y"),
        *((f"a {word}", "y") for word in ("k", "l", "m", "n", "o", "p", "q", "r", "s", "t"))])
    write_csv(tmp_path / "set" / "validation.csv", [("a b c", "x"), ("a zebra", "y")])
    write_csv(tmp_path / "set" / "test.csv", [("a b d e", "z")])
    lines = summarize(opened(tmp_path / "set", "text", "label"))
    assert lines[0].startswith("train 14, validation 2, test 1 examples, ")
    assert lines[0].endswith("kept in memory")
    assert lines[1:] == [
        "training examples by class: x 2, y 12, z 0",
        "classes with fewer than 10 training examples: x 2, z 0",
        "equal to another text of their split: 1 of 14 in train",
        "in the training split too: 1 of 2 validation texts",
        "words of a text: 2 in the median, at most 4; 1 texts are blank",
        "words of validation that training does not have: 20.0%",
        "words of test that training does not have: 0.0%"]


def test_images_and_many_classes(tmp_path):
    for i in range(60):
        write_image(tmp_path / "set" / f"class {i % 12:02}" / f"{i}.png", i, mode="L")
    lines = summarize(opened(tmp_path / "set", "image", "label"))
    assert "images of 8x9 pixels (height x width), 1 channel, 0.0 MiB" in lines[0]
    assert lines[1].startswith("12 classes, from class ")
    assert len(lines) == 3


def test_what_is_streamed_is_named_and_read_only_when_asked(tmp_path):
    write_csv(tmp_path / "a.csv", [(f"text {i}", i % 2) for i in range(50)])
    dataset = opened(tmp_path / "a.csv", "text", "label")
    for split in dataset.splits.values():
        split.memory_limit = 0
    assert "streamed: train, validation, test" in summarize(dataset, thorough=False)[0]
    assert len(summarize(dataset, thorough=False)) == 2
    assert "words of a text: 2 in the median, at most 2" in summarize(dataset)


def test_characters_of_scripts_without_spaces_are_words(tmp_path):
    write_csv(tmp_path / "a.csv", [("机器 学习ab，", i % 2) for i in range(2)] + [
        (f"机 {i}", i % 2) for i in range(30)])
    assert "words of a text: 2 in the median, at most 6" in summarize(
        opened(tmp_path / "a.csv", "text", "label"))
