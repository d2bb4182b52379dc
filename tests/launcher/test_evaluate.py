"""`--mode=evaluate` of a run of this command line."""


def test_run_without_a_finished_training_cannot_be_evaluated(launch, tmp_path, data_dir, runs):
    run = runs("dense")
    copy = tmp_path / "dense" / "half"
    copy.mkdir(parents=True)
    (copy / "manifest.json").write_bytes((run / "manifest.json").read_bytes())
    for mode in ("evaluate", "sample", "export"):
        code, _, err = launch(f"--mode={mode}", "--run=dense/half", f"--logdir={tmp_path}")
        assert code == 7, mode
        assert str(copy) in err
