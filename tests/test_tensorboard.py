"""What a person sees: a running TensorBoard, asked through its own JSON API."""

import io
import json
import socket
import subprocess
import sys
import time
import types
import urllib.parse
import urllib.request

import PIL.Image
import pytest

from tfmodels.launcher import pages

# Pictures and texts that an experiment logs beside what every run logs.
IMAGES = {
    "dense": ["confusion_matrix", "worst_mistakes"],
    "cnn": ["confusion_matrix", "worst_mistakes"],
    "transformer": ["confusion_matrix", "attention_0"],
    "rnn": ["confusion_matrix"],
    "gan": ["samples", "latent_interpolation"],
    "vae": ["samples", "reconstructions", "latent_traversals", "latent_manifold"],
    "diffusion": ["samples", "samples_by_class", "denoising"],
    "autoencoder": ["reconstructions"],
    "dialogue": ["attention_0", "attention_1"],
    "translation": ["attention_0", "attention_1"],
}


@pytest.fixture(scope="module")
def board(runs, tmp_path_factory):
    """Serves the event files of all tiny runs; returns a function path -> parsed JSON or bytes."""
    logdir = {runs(experiment).parents[1] for experiment in pages.names()}.pop()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = tmp_path_factory.mktemp("board") / "log"
    with open(log, "w") as output:
        server = subprocess.Popen(
            [sys.executable, "-m", "tensorboard.main", f"--logdir={logdir}", f"--port={port}",
             "--host=127.0.0.1", "--load_fast=false"], stdout=output, stderr=output)

    def get(path, raw=False, body=None, **query):
        url = f"http://127.0.0.1:{port}/data/{path}?{urllib.parse.urlencode(query)}"
        request = urllib.request.Request(
            url, data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json"})
        content = urllib.request.urlopen(request, timeout=30).read()
        return content if raw else json.loads(content)

    deadline = time.monotonic() + 90
    expected = {f"{experiment}/täst/{part}" for experiment in pages.names()
                for part in ("train", "validation", "test")}
    while True:
        try:
            if expected <= set(get("runs")):
                break
        except OSError:
            pass
        assert server.poll() is None, log.read_text()
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.5)
    yield get
    server.kill()
    server.wait()


@pytest.mark.parametrize("experiment", pages.names())
def test_curves_are_shown_once_per_step(experiment, board):
    tags = board("plugin/scalars/tags")
    train = f"{experiment}/täst/train"
    losses = [tag for tag in tags[train] if tag.startswith("loss/")]
    assert losses
    rates = [tag for tag in tags[train] if tag.startswith("training/learning_rate")]
    norms = [tag for tag in tags[train] if tag.startswith("training/gradient_norm")]
    assert rates
    assert norms
    for tag in [*losses, *rates, *norms, "training/weight_norm"]:
        points = board("plugin/scalars/scalars", run=train, tag=tag)
        assert [step for _, step, _ in points] == [2, 4, 6], tag
    points = board("plugin/scalars/scalars", run=train, tag="training/examples_per_second")
    assert all(value > 0 for _, _, value in points)
    validation = f"{experiment}/täst/validation"
    for tag in tags[validation]:
        points = board("plugin/scalars/scalars", run=validation, tag=tag)
        assert [step for _, step, _ in points] == [3, 6], tag
    assert tags[validation]
    assert all(tag.startswith("test/") for tag in tags[f"{experiment}/täst/test"])


@pytest.mark.parametrize("experiment", pages.names())
def test_tags_are_in_few_groups_and_described(experiment, board):
    shown = {}
    for plugin in ("scalars", "images"):
        for run, tags in board(f"plugin/{plugin}/tags").items():
            if run.startswith(f"{experiment}/"):
                shown |= {tag: about["description"] for tag, about in tags.items()}
    groups = sorted({tag.partition("/")[0] for tag in shown})
    # Time Series opens the first two, and shows no texts.
    assert groups == [group for group in ("loss", "metrics", "pictures", "test", "training")
                      if group in groups]
    assert groups[:2] == ["loss", "metrics"]
    assert all("<p>" in description for description in shown.values())


def test_training_and_validation_share_a_chart(board):
    tags = board("plugin/scalars/tags")
    for experiment, shared in {"cnn": {"loss/loss", "metrics/accuracy"}, "gpt": {"loss/loss"},
                               "vae": {"metrics/elbo", "metrics/kl"}}.items():
        train, validation = (tags[f"{experiment}/täst/{part}"] for part in ("train", "validation"))
        assert shared <= train.keys() & validation.keys()


@pytest.mark.parametrize("experiment", ["gan", "diffusion"])
def test_samples_are_animated_over_the_steps(experiment, board, runs):
    entry, = board("plugin/images/images", run=f"{experiment}/täst/test",
                   tag="pictures/samples_over_steps", sample=0)
    assert entry["step"] == 6
    gif = board("plugin/images/individualImage?" + entry["query"] + "&_=", raw=True)
    assert gif == (runs(experiment) / "samples" / "samples.gif").read_bytes()
    with PIL.Image.open(io.BytesIO(gif)) as image:
        assert image.n_frames == 2


def test_scores_are_a_table_with_the_baselines(board, runs):
    text = board("plugin/text/text", run="cnn/täst/test", tag="test/scores")[-1]["text"]
    metrics = json.loads((runs("cnn") / "metrics.json").read_text())
    assert "<th>logistic_regression</th>" in text
    for scores in (metrics["metrics"], metrics["baselines"]["logistic_regression"]):
        assert f"<td>{scores['test_accuracy']:.4g}</td>" in text


@pytest.mark.parametrize("experiment", sorted(IMAGES))
def test_pictures_are_shown(experiment, board):
    run = f"{experiment}/täst/validation"
    for tag in IMAGES[experiment]:
        entries = board("plugin/images/images", run=run, tag=f"pictures/{tag}", sample=0)
        assert [entry["step"] for entry in entries] == [3, 6]
        png = board("plugin/images/individualImage?" + entries[-1]["query"] + "&_=", raw=True)
        with PIL.Image.open(io.BytesIO(png)) as image:
            assert image.width > 8
            assert len(set(image.convert("L").tobytes())) > 2


@pytest.mark.parametrize("experiment", pages.names())
def test_keras_graph_and_manifest_are_shown(experiment, board):
    graphs = board("plugin/graphs/info")[f"{experiment}/täst/train"]
    assert graphs["run_graph"]  # without one the page opens with an error
    assert board("plugin/graphs/graph", raw=True, run=f"{experiment}/täst/train").count(b"node {")
    shown = [name for name, tag in graphs["tags"].items() if tag["conceptual_graph"]]
    assert shown
    graph = board("plugin/graphs/graph", raw=True, run=f"{experiment}/täst/train", tag=shown[0],
                  conceptual="true")
    assert graph.count(b"node {") > 3
    text = board("plugin/text/text", run=f"{experiment}/täst/train", tag="training/manifest")
    assert "learning_rate" in text[0]["text"]


def test_hparams_table_has_a_row_per_run_with_final_metrics(board, runs):
    board("plugin/hparams/experiment", body={"experimentName": ""})
    groups = board("plugin/hparams/session_groups", body={
        "experimentName": "", "allowedStatuses": [
            "STATUS_UNKNOWN", "STATUS_SUCCESS", "STATUS_FAILURE", "STATUS_RUNNING"],
        "colParams": [], "startIndex": 0, "sliceSize": 100})["sessionGroups"]
    assert len(groups) == len(pages.names())
    for group in groups:
        assert group["hparams"]["steps"] == 6
        found = {metric["name"]["tag"] for metric in group["metricValues"]}
        experiment = group["sessions"][0]["name"].split("/")[0]
        metrics = json.loads((runs(experiment) / "metrics.json").read_text())["metrics"]
        assert {name.replace("test_", "test/", 1) for name in metrics} == found


def test_hint_keeps_all_pictures_of_a_long_run():
    from tfmodels.launcher.train import _sampling
    assert _sampling(types.SimpleNamespace(steps=1000, eval_every=100)) == ""
    assert "--samples_per_plugin=images=100," in _sampling(
        types.SimpleNamespace(steps=1001, eval_every=100))
    assert "images=250," in _sampling(types.SimpleNamespace(steps=250, eval_every=1))


def test_transformer_texts_are_shown(board):
    text = board("plugin/text/text", run="transformer/täst/validation",
                 tag="examples/worst_mistakes")
    assert ">" in text[-1]["text"]


@pytest.mark.parametrize("experiment", ["dialogue", "translation"])
def test_written_targets_are_shown_beside_the_recorded(experiment, board):
    for tag in ("written_training", "written_held_out"):
        text = board("plugin/text/text", run=f"{experiment}/täst/validation",
                     tag=f"examples/{tag}")
        assert [entry["step"] for entry in text] == [3, 6]
        assert "<th>recorded</th>" in text[-1]["text"]


def test_autoencoder_codes_are_in_the_projector(board):
    run = "autoencoder/täst/validation"
    assert run in board("plugin/projector/runs")
    info = board("plugin/projector/info", run=run)["embeddings"][0]
    assert info["tensorName"] == "codes"
    assert info["sprite"]["singleImageDim"] == [8, 8]
    labels = board("plugin/projector/metadata", raw=True, run=run, name="codes").split()
    tensor = board("plugin/projector/tensor", raw=True, run=run, name="codes")
    assert len(tensor) == len(labels) * 32 * 4
    sprite = board("plugin/projector/sprite_image", raw=True, run=run, name="codes")
    with PIL.Image.open(io.BytesIO(sprite)) as image:
        assert image.width % 8 == 0


def test_word_vectors_are_in_the_projector_with_their_words(board, runs):
    run = "word2vec/täst/validation"
    assert run in board("plugin/projector/runs")
    labels = board("plugin/projector/metadata", raw=True, run=run, name="words").decode().split()
    vocabulary = json.loads((runs("word2vec") / "vocabulary.json").read_text(encoding="utf-8"))
    assert labels == vocabulary[2:len(labels) + 2]  # without padding and the unknown word
    tensor = board("plugin/projector/tensor", raw=True, run=run, name="words")
    assert len(tensor) == len(labels) * 100 * 4
    text = board("plugin/text/text", run=run, tag="examples/nearest_words")
    assert [entry["step"] for entry in text] == [3, 6]
    assert "king" in text[-1]["text"]
