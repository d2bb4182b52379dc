"""--mode=evaluate: the final metrics of a run's export, computed again."""

from tfmodels.launcher import building, final_scores
from tfmodels.progress import activity


def evaluate(experiment, path, data_dir):
    """Computes the final metrics of a run's export again and writes them; returns 0."""
    with building.held(path) as (folder, _):
        metrics = building.finished(folder)
        _, task, precision = building.built_run(experiment, folder, data_dir)
        from tfmodels.export import saved_model
        building.check_same_data(folder, task, precision)
        with activity.of("final scores"):
            signatures = saved_model.load(path / "export")
            judged_by = metrics.get("extractor")
            metrics |= final_scores.test_entries(task, signatures, metrics.get("errors", {}))
            if metrics.get("extractor") != judged_by:  # what stands beside must be judged by it too
                metrics |= final_scores.baselines(
                    task.baselines(task.data.splits["test"]), metrics["errors"])
        folder.write_metrics(metrics)
        final_scores.show(metrics)
    return 0
