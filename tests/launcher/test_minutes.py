"""As many steps as fit into some minutes: measured once, and then a run like any other."""

import json
import time

import pytest
from common import DIGITS, stop_at

from tfmodels.launcher import building, minutes, pages

COSTS = minutes.Costs(start=8.0, step=0.5, validation=2.0, checkpoint=1.0, finish=5.0)


@pytest.mark.parametrize(("seconds", "eval_every", "checkpoint_every"), [
    (120, 10, 10), (60, 7, 13), (30, 100, 100)])
def test_the_steps_that_fit_end_in_time_and_use_it(seconds, eval_every, checkpoint_every):
    steps = COSTS.steps_in(seconds, eval_every, checkpoint_every)
    passed = COSTS.start + COSTS.finish
    for step in range(1, steps + 1):  # as the loop goes
        passed += COSTS.step
        passed += COSTS.validation * (step % eval_every == 0 or step == steps)
        passed += COSTS.checkpoint * (step % checkpoint_every == 0 or step == steps)
    assert seconds - COSTS.step - COSTS.validation - COSTS.checkpoint - 1 < passed <= seconds


def test_what_a_run_costs_is_measured(data_dir):
    settings = pages.config_class("dense")(dataset="tiny_digits", data_dir=str(data_dir),
                                           batch_size=16, hidden_units=8)
    costs = minutes._measured("dense", settings, {})
    assert min(costs.start, costs.step, costs.validation, costs.checkpoint, costs.finish) > 0
    assert costs.step < costs.start


def test_a_long_time_is_measured_shortly_and_has_no_more_steps_than_can_be_asked_for(
        data_dir, monkeypatch):
    settings = pages.config_class("dense")(dataset="tiny_digits", data_dir=str(data_dir),
                                           batch_size=16, hidden_units=8, minutes=100_000.0)
    monkeypatch.setattr(minutes, "_MOST", 3.0)
    monkeypatch.setattr(minutes, "_MOST_STEPS", 1234)
    began = time.monotonic()
    assert minutes.settled("dense", settings, {}, began).steps == 1234
    assert time.monotonic() - began < 0.03 * 60 * settings.minutes


def test_the_steps_are_kept_over_a_resume(launch, data_dir, tmp_path, monkeypatch):
    flags = ["--experiment=dense", DIGITS, "--batch_size=16", "--hidden_units=8", "--minutes=1",
             f"--data_dir={data_dir}", f"--logdir={tmp_path}", "--run=a", "--eval_every=5"]
    measured = iter([minutes.Costs(1, 6, 0, 0, 1)])
    monkeypatch.setattr(minutes, "_measured", lambda *_: next(measured))
    with monkeypatch.context() as patch:
        stop_at(4, patch)
        code, out, _ = launch(*flags)
    assert (code, "9 steps fit into 1 min here" in out) == (143, True)
    assert launch(*flags)[0] == 0
    run = tmp_path / "dense" / "a"
    assert json.loads((run / "metrics.json").read_text())["step"] == 9
    settings = json.loads((run / "manifest.json").read_text())["settings"]
    assert (settings["steps"]["value"], settings["minutes"]["value"]) == (9, 1.0)
    code, out, _ = launch(*flags)
    assert (code, "finished at step 9" in out) == (0, True)
    assert launch(*flags[:4], "--steps=10", *flags[5:])[0] == 0  # may be extended


def test_too_little_time_is_refused(launch, data_dir, tmp_path, monkeypatch):
    flags = ["--experiment=dense", DIGITS, f"--data_dir={data_dir}", f"--logdir={tmp_path}"]
    monkeypatch.setattr(minutes, "_measured", lambda *_: COSTS)
    code, _, err = launch(*flags, "--minutes=0.2", "--run=a")
    assert (code, "minutes=0.2: expected more than 0." in err) == (1, True)
    code, _, err = launch(*flags, "--minutes=2", "--steps=5")
    assert (code, "expected either --minutes or --steps" in err) == (1, True)
    assert not (tmp_path / "dense").exists()


def test_building_twice_gives_the_same_network(data_dir):
    settings = pages.config_class("dense")(dataset="tiny_digits", data_dir=str(data_dir))
    first, second = ({variable.path: variable.numpy().tobytes() for variable in
                      building.build_task("dense", settings)[0].model.variables} for _ in range(2))
    assert first == second
