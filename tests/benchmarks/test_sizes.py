"""The cost of steps at sizes of images: what is measured, and how it is shown."""

import pytest

from benchmarks import sizes


def test_a_step_and_its_network_are_measured():
    found = sizes.measure("dense", 9, 1)
    assert set(found) == {"cpu_per_step", "wall_per_step", "peak_gb", "parameters"}
    assert 0 < found["cpu_per_step"] < 1
    assert found["peak_gb"] > 0.1
    assert found["parameters"] == (81 + 1) * 512 + (512 + 1) * 512 + (512 + 1) * 10


def test_figures_are_shown_by_size():
    about = {"command": "python -m benchmarks.sizes", "date": "2026-01-02",
             "machine": {"cores": 2, "processor": "Z"}}
    step = {"cpu_per_step": 0.0234, "peak_gb": 1.26, "parameters": 1}
    shown = sizes.markdown({
        "dense": {**about, "figures": {"batch_size": 128, "sides": {"28": step}}},
        "gan_dense": {**about, "figures": {"batch_size": 32, "sides": {
            "28": step | {"cpu_per_image": 0.5}, "256": step | {"cpu_per_image": 2}}}}})
    assert "| a step of | batch | 28x28 | 256x256 |" in shown
    assert "| `dense` | 128 | 0.023 s, 1.3 GB | - |" in shown
    assert "| `gan --architecture=dense` | 0.5 s | 2 s |" in shown
    assert "`dense` |" not in shown.partition("an image of")[2]
    assert shown.endswith("Made on 2 cores of an Z, 2026-01-02 by `python -m benchmarks.sizes`.\n")


@pytest.mark.parametrize("sides", ["28,x", "0"])
def test_sides_are_numbers(sides, capsys):
    with pytest.raises(SystemExit):
        sizes.main([f"--sides={sides}"])
    assert "expected an integer of at least 1" in capsys.readouterr().err
