"""Tables whose cells are images, or name their files."""

import json

import pyarrow
import pyarrow.parquet
import pytest
from data.own.making import everything, opened, write_csv, write_image

from tfmodels.errors import UserError


@pytest.mark.parametrize("stated_in", ["schema", "README"])
def test_hugging_faces_layout_is_read(tmp_path, stated_in):
    folder = tmp_path / "set" / "data"
    folder.mkdir(parents=True)
    write_image(tmp_path / "a.png", 50)
    features = {"image": {"_type": "Image"},
                "label": {"_type": "ClassLabel", "names": ["cat", "dog", "never"]}}
    for split, count in (("train", 30), ("test", 9)):
        images = []
        for i in range(count):
            write_image(tmp_path / "a.png", i if split == "train" else 100 + i)
            images.append({"bytes": (tmp_path / "a.png").read_bytes(), "path": None})
        table = pyarrow.table({"image": images, "label": [i % 2 for i in range(count)]})
        if stated_in == "schema":
            table = table.replace_schema_metadata(
                {"huggingface": json.dumps({"info": {"features": features}})})
        pyarrow.parquet.write_table(table, folder / f"{split}-00000-of-00001.parquet")
    classes = ("  - name: label\n    dtype:\n      class_label:\n        names:\n"
               "          '0': cat\n          '1': dog\n          '2': never\n")
    (tmp_path / "set" / "README.md").write_text(
        "---\ndataset_info:\n  features:\n  - name: image\n    dtype: image\n"
        + classes * (stated_in == "README") + "---\n# A set\n")
    dataset = opened(tmp_path / "set", "image", "label")
    assert dataset.class_names == ("cat", "dog", "never")
    assert dataset.splits["test"].size == 9
    assert dataset.splits["train"].size + dataset.splits["validation"].size == 30
    assert dataset.image_shape == (8, 9, 3)


def test_metadata_beside_images_says_their_labels(tmp_path):
    for split, count in (("train", 20), ("test", 10)):
        for i in range(count):
            write_image(tmp_path / "set" / split / f"{i}.png", i + count)
        write_csv(tmp_path / "set" / split / "metadata.csv",
                  [(f"{i}.png", "yn"[i % 2]) for i in range(count)], ("file_name", "label"))
    dataset = opened(tmp_path / "set", "image", "label")
    assert dataset.class_names == ("n", "y")
    assert dataset.splits["test"].size == 10


@pytest.mark.parametrize(("cell", "message"), [
    ("gone/{}.png", "gone/0.png: No such file"), (r"gone\{}.png", "with backslashes: expected /"),
    ("https://a.org/{}.png", "a URL: expected a file")])
def test_an_image_file_that_is_not_there_is_named(tmp_path, cell, message):
    path = write_csv(tmp_path / "a.csv", [(cell.format(i), "ab"[i % 2]) for i in range(9)],
                     ("file", "kind"))
    with pytest.raises(UserError, match=message):
        opened(path, "image", "label", image_column="file", label_column="kind")


def test_a_table_of_image_files(tmp_path):
    for i in range(30):
        write_image(tmp_path / "set" / "pictures" / f"{i}.png", i)
    write_csv(tmp_path / "set" / "about.csv", [(f"pictures/{i}.png", i % 2) for i in range(30)],
              ("file", "kind"))
    dataset = opened(tmp_path / "set", "image", "label", image_column="file", label_column="kind")
    assert sorted(image[0, 0, 0] for image in everything(dataset, "image")) == list(range(30))


@pytest.mark.parametrize("path", ["", "about.csv"])
def test_a_changed_image_of_a_table_is_noticed(tmp_path, path):
    for i in range(30):
        write_image(tmp_path / "set" / "pictures" / f"{i}.png", i)
    write_csv(tmp_path / "set" / "about.csv", [(f"pictures/{i}.png", i % 2) for i in range(30)],
              ("file", "kind"))
    columns = {"image_column": "file", "label_column": "kind"}
    before = opened(tmp_path / "set" / path, "image", "label", **columns)
    write_image(tmp_path / "set" / "pictures" / "5.png", 200)
    after = opened(tmp_path / "set" / path, "image", "label", **columns)
    assert before.version != after.version
    assert sorted(image[0, 0, 0] for image in everything(after, "image")) == [
        *range(5), *range(6, 30), 200]
