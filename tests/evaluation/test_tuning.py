"""What is chosen for a baseline, and where it is told."""

from benchmarks import scores as tables
from tfmodels.evaluation import tuning
from tfmodels.launcher import final_scores


def test_the_best_on_validation_is_chosen_and_of_equals_the_first(capsys):
    tried = [({"C": 0.1}, 0.5, "a"), ({"C": 1.0}, 0.75, "b"), ({"C": 2.0}, 0.75, "c")]
    assert tuning.chosen("svm", tried, "accuracy") == (
        {"C": 1.0, "validation_accuracy": 0.75}, "b")
    assert tuning.chosen("svm", tried, "loss", min) == ({"C": 0.1, "validation_loss": 0.5}, "a")
    assert capsys.readouterr().out == (
        "svm: C 1.0 of 3 settings chosen on validation (accuracy 0.75)\n"
        "svm: C 0.1 of 3 settings chosen on validation (loss 0.5)\n")


def test_settings_of_baselines_are_kept_beside_their_scores():
    errors = {}
    found = final_scores.baselines({
        "ngram": lambda: {"bits": 1.5, "settings": {"order": 3, "validation_bits": 1.25}},
        "majority": lambda: {"accuracy": 0.25},
        "broken": lambda: {}["nothing"]}, errors)
    assert found == {
        "baselines": {"ngram": {"test_bits": 1.5}, "majority": {"test_accuracy": 0.25}},
        "baseline_settings": {"ngram": {"order": 3, "validation_bits": 1.25}},
        "not_converged": [], "fitted_on": {}}
    assert list(errors) == ["baseline broken"]
    assert tables.baseline(found, "ngram") == "ngram (order 3)"
    assert tables.baseline(found, "majority") == "majority"
    assert tables.baseline({}, "old_run") == "old run"
