"""Tables in JSON, and files that gzip has packed."""

import gzip
import json

import pytest
from data.own.making import read, rows, write_csv

from tfmodels.errors import InputError


def test_json_in_every_form_that_libraries_write(tmp_path):
    some = [{"text": text, "label": name} for text, name in rows(40)]
    forms = {"records": json.dumps(some), "indented": json.dumps(some, indent=1),
             "lines": "\n".join(map(json.dumps, some)),
             "within": json.dumps({"v": 1, "data": some}),
             "columns": json.dumps({key: {str(i): row[key] for i, row in enumerate(some)}
                                    for key in some[0]}),
             "lists": json.dumps({key: [row[key] for row in some] for key in some[0]})}
    for form, text in forms.items():
        (tmp_path / f"{form}.json").write_text(text)
        assert read(tmp_path / f"{form}.json", "text", "label") == some, form


def test_json_beside_other_data_is_no_data(tmp_path):
    folder = tmp_path / "set"
    folder.mkdir()
    write_csv(folder / "train.csv", rows())
    (folder / "about.json").write_text('{"license": "MIT"}')
    assert len(read(folder, "text")) == 60


@pytest.mark.parametrize("name", ["a.csv", "a.tsv", "a.jsonl", "a.json", "a.txt"])
def test_files_that_gzip_has_packed_are_read_as_they_are(tmp_path, name):
    path = tmp_path / name
    if name[2:] in ("csv", "tsv"):
        write_csv(path, rows(), delimiter="\t" if "tsv" in name else ",")
    elif "json" in name:
        path.write_text("\n".join(json.dumps({"text": text}) for text, _ in rows()))
    else:
        path.write_text("\n".join(f"line {i}" for i in range(60)))
    packed = tmp_path / f"{name}.gz"
    packed.write_bytes(gzip.compress(path.read_bytes()))
    assert read(packed, "text") == read(path, "text")
    assert len(read(packed, "text")) == 60
    if path.suffix in (".csv", ".txt"):  # what lies there packed too is read once
        assert len(read(tmp_path, "text")) == 60
    packed.write_bytes(packed.read_bytes()[:-20])
    with pytest.raises(InputError, match="gzip cannot unpack it"):
        read(packed, "text")
