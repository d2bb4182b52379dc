"""The peers that draw images: what their recipes log, how samples are scored, and the picture."""

import json
import sys

import numpy as np
import PIL.Image
import pytest
import tensorflow as tf

from benchmarks import records
from benchmarks.time_to_score import comparison, logs, picture, samples
from tfmodels.data.load import load
from tfmodels.evaluation import baselines, extractors, scorecard
from tfmodels.tasks import image_generation


@pytest.fixture
def run(recipe, monkeypatch, tmp_path):
    """Returns a function that runs a recipe on a few images and returns the lines of its log."""
    def ran(name, **settings):
        rng = np.random.default_rng(0)
        arrays = {f"x_{part}": rng.integers(0, 256, (count, 12, 12)).astype(np.uint8)
                  for part, count in (("train", 26), ("validation", 10))}
        np.savez(tmp_path / "data.npz", **arrays)
        monkeypatch.setattr(sys, "argv", [name, str(tmp_path / "data.npz"),
                                          str(tmp_path / "log.jsonl")])
        recipe(name, **settings).main()
        return logs.read(tmp_path / "log.jsonl")
    return ran


def test_the_bound_of_the_vae_is_that_of_ours(recipe):
    """The same networks in our model, whose decoder gives logits, have the same bound."""
    import keras

    from tfmodels.models.vae import VAE
    module = recipe("keras_io_vae")
    encoder, decoder = module.networks((8, 8, 1))
    theirs = module.vae(encoder, decoder)
    theirs.compile()
    images = np.random.default_rng(0).integers(0, 256, (9, 8, 8, 1)).astype(np.uint8)
    draws = [theirs.evaluate(images / np.float32(255), batch_size=4, verbose=0, return_dict=True)
             for _ in range(60)]
    inputs, latents = keras.Input((8, 8, 1), dtype="uint8"), keras.Input((2,))
    scaled = keras.layers.Rescaling(1 / 255)(inputs)
    probabilities = decoder(latents)
    ours = VAE(keras.Model(inputs, keras.layers.Concatenate()(encoder(scaled))),
               keras.Model(latents, keras.ops.log(probabilities / (1 - probabilities))))
    bounds = {name: float(np.mean(value))
              for name, value in ours.bounds(tf.constant(images), tf.constant([0, 0]), 60).items()}
    assert np.mean([one["kl_loss"] for one in draws]) == pytest.approx(bounds["kl"], rel=1e-4)
    assert np.mean([one["loss"] for one in draws]) == pytest.approx(
        bounds["kl"] - bounds["log_likelihood"], rel=1e-3)


def test_the_vae_logs_its_bound_after_each_epoch(run):
    lines = run("keras_io_vae")
    assert len(lines) == 30
    assert all(-200 < line["score"] < 0 for line in lines)  # 144 pixels of up to log 2 nats each


@pytest.mark.parametrize(("name", "settings"), [
    ("tensorflow_dcgan", {"EPOCHS": 2, "BATCH_SIZE": 8}),
    ("keras_io_ddim", {"EPOCHS": 2, "BATCH_SIZE": 8, "SAMPLING_STEPS": 2, "REPETITIONS": 1,
                       "WIDTHS": (2, 3, 4, 4), "DEPTH": 1, "_DRAWN": 60})])
def test_a_generator_writes_samples_of_the_size_of_its_images(run, tmp_path, name, settings):
    lines = run(name, **settings)
    assert [line["file"] for line in lines] == ["log-0001.npy", "log-0002.npy"]
    assert lines[0]["clock"] < lines[1]["clock"]
    drawn = np.load(tmp_path / lines[-1]["file"])
    assert (drawn.shape, drawn.dtype) == ((100, 12, 12, 1), np.uint8)
    assert len(np.unique(drawn)) > 2


def test_the_average_of_the_diffusion_model_follows_its_network(recipe):
    import keras
    module = recipe("keras_io_ddim", WIDTHS=(2, 3, 4, 4), DEPTH=1)
    images = np.random.default_rng(0).random((8, 8, 8, 1), np.float32)
    normalizer = keras.layers.Normalization()
    normalizer.adapt(images)
    model = module.diffusion(normalizer, 8, 8)
    model.compile(optimizer="adam", loss=keras.losses.mean_absolute_error)
    before = [weight.numpy() for weight in model.average.weights]
    model.fit(images, batch_size=8, epochs=1, verbose=0)
    for old, weight, average in zip(before, model.network.weights, model.average.weights,
                                    strict=True):
        np.testing.assert_allclose(average, 0.999 * old + 0.001 * weight.numpy(), rtol=1e-5,
                                   atol=1e-7)
    noise_rates, signal_rates = model.rates(np.linspace(0, 1, 5, dtype=np.float32))
    np.testing.assert_allclose(noise_rates ** 2 + signal_rates ** 2, 1, rtol=1e-5)
    assert float(signal_rates[0]) == pytest.approx(0.95, rel=1e-4)
    assert float(signal_rates[-1]) == pytest.approx(0.02, rel=1e-3)


def test_as_many_samples_as_our_validation_draws(recipe):
    common = recipe("common")
    for images, expected in ((10, 100), (800, 800), (6000, image_generation._VALIDATED)):
        assert common.samples_wanted({"x_validation": np.zeros(images)}) == expected


def test_the_clock_stands_still_while_samples_are_written(recipe, monkeypatch, tmp_path):
    common = recipe("common")
    now = iter([10.0, 15.0, 20.0, 30.0])
    monkeypatch.setattr(common.time, "time", lambda: next(now))
    log = common.Log(tmp_path / "log.jsonl")
    log.to_score(lambda: ["a", "b"])  # from 10 to 15
    log.to_score(lambda: np.zeros(2))  # from 20 to 30
    lines = logs.read(tmp_path / "log.jsonl")
    assert lines == [{"clock": 10.0, "file": "log-0001.json"}, {"clock": 15.0,
                                                                "file": "log-0002.npy"}]
    assert json.loads((tmp_path / "log-0001.json").read_text()) == ["a", "b"]


def test_samples_get_the_distance_that_our_validation_logs(tmp_path):
    log = tmp_path / "log.jsonl"
    data = load("mnist_10k", tmp_path / "data")
    drawn = data.splits["train"].head(100)["image"]
    np.save(tmp_path / "drawn.npy", drawn)
    log.write_text('{"clock": 7.5, "file": "drawn.npy"}\n')
    samples.main(["mnist_10k", tmp_path / "data", log])
    line, = logs.read(log)
    real = baselines.first_images(data.splits["validation"])
    expected = scorecard.scores(drawn, real, extractors.of(data))["frechet_distance"]
    assert line == {"clock": 7.5, "score": pytest.approx(expected)}
    assert 1 < expected < 100


def test_the_command_has_what_the_recipe_drew_scored_on_the_data_set_of_the_case(
        monkeypatch, tmp_path):
    modules, commands = [], []

    def run_module(name, *arguments):
        modules.append((name, *arguments))
        if name == "samples":
            logs.score(arguments[-1], lambda file: {"a": 9.0, "b": 5.0}[file.stem])

    def run_program(command):
        commands.append(list(map(str, command)))
        if commands[-1][1].endswith("tensorflow_dcgan.py"):
            command[-1].write_text('{"clock": 103, "file": "a"}\n{"clock": 108, "file": "b"}\n')
        return 100, 1.5

    monkeypatch.setattr(comparison, "_module", run_module)
    monkeypatch.setattr(comparison, "_run", run_program)
    monkeypatch.setattr(comparison, "_validations", lambda run, tag: [(102, 6.0), (104, 4.0)])
    argv = ["--experiment=gan", "--rounds=1", f"--out={tmp_path}"]
    figures = comparison.main(argv)["gan"]
    assert [(name, dataset) for name, dataset, *_ in modules] == [
        ("arrays", "mnist_10k"), ("samples", "mnist_10k")]
    assert "--dataset=mnist_10k" in commands[1]
    assert (figures["target"], figures["theirs"], figures["ours"]) == (5, 8, 4)
    assert records.read("time_to_score", tmp_path)["gan"]["figures"] == json.loads(
        json.dumps(figures))
    modules.clear()
    assert comparison.main([*argv, "--dataset=mnist"])["gan"]["dataset"] == "mnist"
    assert [dataset for _, dataset, *_ in modules] == ["mnist", "mnist"]


def test_the_picture_shows_the_results_that_are_kept():
    kept = PIL.Image.open(picture.FILE).text["Comment"]
    assert kept == picture.digest(records.read("time_to_score")), (
        "out of date: python -m benchmarks.time_to_score.picture")


def test_the_range_of_a_panel_leaves_out_how_a_run_began():
    points = [(second, 100 / second ** 2) for second in range(1, 9)]
    figures = {"target": 2.0, "rounds": [{"theirs": {"points": points},
                                          "ours": {"points": points[:4]}}]}
    low, high = sorted(picture.score_range(figures, True))
    assert 20 < high < 30  # a quarter of ours, the first point, is off the panel
    assert low < 100 / 64
    assert picture.score_range(figures, False) == (low, high)


def test_the_picture_has_a_panel_for_each_experiment(tmp_path):
    from matplotlib.figure import Figure
    found = records.read("time_to_score")
    panels = [panel for panel in picture.draw(found, Figure).axes if panel.axison]
    assert [panel.get_title().partition(":")[0] for panel in panels] == list(found)
    assert all(panel.get_xlabel() and panel.get_ylabel() for panel in panels)
    picture.main([f"--out={tmp_path / 'drawn.png'}"])
    assert PIL.Image.open(tmp_path / "drawn.png").text["Comment"] == picture.digest(found)


def test_without_matplotlib_the_picture_says_how_to_get_it(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(SystemExit, match=r"pip install '\.\[benchmarks\]'"):
        picture.main([f"--out={tmp_path / 'drawn.png'}"])
    assert not (tmp_path / "drawn.png").exists()
