"""The comparison of transfer with training from scratch, on small sets."""

import pytest

from benchmarks import transfer
from tfmodels.errors import InputError

FEW = ("--dataset=tiny_digits", "--batch_size=8", "--steps=2", "--eval_every=9")
SMALL = transfer.Comparison(
    "digits", ("--experiment=dense", "--classes=0,1,2", *FEW),
    ("--experiment=dense", "--classes=7,8,9", "--examples_per_class=4", *FEW),
    ("--freeze=hidden_0",))


def test_sides_differ_in_where_they_start_alone(data_dir, tmp_path, capsys):
    row, = transfer.compare(SMALL, 1, str(tmp_path), str(data_dir))
    assert (row["what"], row["seed"]) == ("", 0)
    assert list(row["baselines"]) == ["logistic_regression"]
    _, scratch, transferred = (line for line in capsys.readouterr().out.splitlines()
                               if line.startswith("python launch.py"))
    added = " --init_from=dense/source --freeze=hidden_0"
    assert transferred.replace(added, "").replace("transfer-", "scratch-") == scratch
    again, = transfer.compare(SMALL, 1, str(tmp_path), str(data_dir))  # finished: nothing to do
    assert again == row


def test_table_has_each_seed_and_the_mean_of_all():
    baselines = {"linear_svm": {"test_accuracy": 0.5}}
    rows = [{"what": "", "seed": seed, "scratch": scratch, "transfer": 0.9, "baselines": baselines}
            for seed, scratch in enumerate((0.7, 0.8, 0.95))]
    lines = transfer.table(SMALL, rows).splitlines()
    assert lines[-3] == "|  | 1 | 80.00% | 90.00% | +10.00 | linear svm 50.00% |"
    assert lines[-1] == "|  | mean | 81.7% ± 12.6 | 90.0% ± 0.0 | +8.33 | better in 2 of 3 |"


def test_command_that_fails_is_an_error_with_its_code(tmp_path):
    bad = transfer.Comparison("none", ("--experiment=dense", "--steps=0"), ())
    with pytest.raises(InputError, match="code 1"):
        transfer.compare(bad, 1, str(tmp_path))
