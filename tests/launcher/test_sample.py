"""`--mode=sample` of images: which classes, from which runs, and where to."""

import numpy as np
import PIL.Image
from common import DIGITS, TINY


def test_sample_draws_the_classes_that_are_named(launch, data_dir, runs, tmp_path):
    code, _, err = launch("--experiment=gan", "--run=a", f"--logdir={tmp_path}", *TINY, DIGITS,
                          f"--data_dir={data_dir}", "--conditional", "--architecture=dense",
                          "--loss=hinge")
    assert code == 0, err
    assert list((tmp_path / "gan" / "a" / "samples").glob("samples_by_class-*.png"))
    sample = ["--mode=sample", "--run=gan/a", f"--logdir={tmp_path}", "--count=4"]
    pictures = []
    for labels in ("7", "7,1", ""):
        code, _, err = launch(*sample, f"--labels={labels}", f"--out={tmp_path}/a.png")
        assert code == 0, err
        with PIL.Image.open(tmp_path / "a.png") as image:
            pictures.append(np.asarray(image))
    np.testing.assert_array_equal(pictures[0][:8, :8], pictures[1][:8, :8])  # both a 7
    assert (pictures[0][:8, 9:] != pictures[1][:8, 9:]).any()
    code, _, err = launch(*sample, "--labels=seven")
    assert code == 1
    assert "no class 'seven'" in err
    code, _, err = launch("--mode=sample", "--run=gan/täst", "--labels=7",
                          f"--logdir={runs('gan').parents[1]}")
    assert code == 1
    assert "--conditional" in err


def test_sample_needs_a_generative_experiment(runs, launch):
    run = runs("dense")
    code, _, err = launch("--mode=sample", "--run=dense/täst", f"--logdir={run.parents[1]}")
    assert code == 1
    assert "generative" in err


def test_sample_refuses_a_place_it_cannot_write(runs, launch, tmp_path):
    run = runs("gan")
    code, _, err = launch("--mode=sample", "--run=gan/täst", f"--logdir={run.parents[1]}",
                          f"--out={tmp_path}/none/a.png")
    assert code == 1
    assert "none" in err
    assert not (tmp_path / "none").exists()
