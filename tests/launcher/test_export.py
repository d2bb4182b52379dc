"""`--mode=export`: versions that are never touched again, whole or not at all."""

import os
import signal

import tensorflow as tf


def test_export_never_overwrites_a_version(runs, launch):
    run = runs("autoencoder")
    first = {path: path.read_bytes() for path in (run / "export" / "1").rglob("*")
             if path.is_file()}
    leftover = run / "export" / "tmp-2"
    leftover.mkdir()
    code, out, _ = launch("--mode=export", "--run=autoencoder/täst", f"--logdir={run.parents[1]}")
    assert code == 0
    assert str(run / "export" / "2") in out
    assert not leftover.exists()
    assert first == {path: path.read_bytes() for path in (run / "export" / "1").rglob("*")
                     if path.is_file()}


def test_interrupted_export_leaves_the_served_version_and_is_swept(dense_run, launch, monkeypatch):
    before = {path: path.read_bytes() for path in (dense_run / "export").rglob("*")
              if path.is_file()}
    save = tf.saved_model.save

    def interrupted(module, path, **kwargs):
        save(module, path, **kwargs)
        os.kill(os.getpid(), signal.SIGTERM)
    with monkeypatch.context() as patch:
        patch.setattr(tf.saved_model, "save", interrupted)
        code, _, _ = launch("--mode=export", "--run=dense/täst", f"--logdir={dense_run.parents[1]}")
    assert code == 143
    assert {path: path.read_bytes() for path in before} == before
    assert not (dense_run / "export" / "2").exists()
    code, _, _ = launch("--mode=export", "--run=dense/täst", f"--logdir={dense_run.parents[1]}")
    assert code == 0
    assert sorted(path.name for path in (dense_run / "export").iterdir()) == ["1", "2"]
