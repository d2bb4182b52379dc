"""`--mode=sample` of a language model, through the command line."""

import dataclasses
import os

import pytest
import tensorflow as tf

from tfmodels.errors import InputError
from tfmodels.launcher import output, written_texts
from tfmodels.launcher.flags import Sampling
from tfmodels.models.char_rnn import CharRNNDecoder, char_rnn
from tfmodels.tasks.language_model import generator
from tfmodels.tokens.characters import CharacterTokens


@pytest.fixture
def sample(runs, launch, capsys):
    """Calls --mode=sample of a finished tiny run; returns (exit code, stdout, stderr)."""
    def call(*flags, experiment="char_rnn"):
        logdir = runs(experiment).parents[1]
        capsys.readouterr()  # what the training said
        return launch("--mode=sample", f"--run={experiment}/täst", f"--logdir={logdir}", *flags)
    return call


def test_equal_seeds_print_equal_texts_of_the_length_asked_for(sample):
    settings = ["--prompt=In thé", "--length=30", "--sample_seed=7"]
    code, out, _ = sample(*settings)
    assert code == 0
    assert out.startswith("In thé")
    assert out.endswith("\n\n")
    assert len(out) == 6 + 30 + 2
    assert sample(*settings)[1] == out
    assert sample(*settings[:2], "--sample_seed=8")[1] != out
    assert sample(*settings, "--temperature=0")[1] != out
    assert sample(*settings, "--top_k=1")[1] == sample(*settings, "--temperature=0")[1]
    assert sample(*settings, "--top_p=0.001")[1] == sample(*settings, "--temperature=0")[1]


def test_texts_go_to_a_file(sample, tmp_path):
    code, out, _ = sample("--count=3", "--prompt=And", "--length=9", f"--out={tmp_path}/a.txt")
    assert code == 0
    assert "3 texts in" in out
    written = (tmp_path / "a.txt").read_text("utf-8")
    assert written.count("And") >= 3
    assert len(written) == 3 * (3 + 9 + 2)


@pytest.mark.parametrize(("flags", "message"), [
    (["--length=0"], "nearest valid value is 1"),
    (["--temperature=-0.1"], "nearest valid value is 0"),
    (["--temperature=nan"], "finite"),
    (["--top_k=-1"], "nearest valid value is 0"),
    (["--top_p=0"], "above 0"),
    (["--top_p=1.01"], "nearest valid value is 1"),
    (["--prompt=\udcff"], "expected text in UTF-8"),
    (["--labels=7"], "--labels"),
    (["--width=3"], "--width"),
    (["--out=none/a.txt"], "a folder that exists")])
def test_what_cannot_be_written_is_refused(sample, flags, message):
    code, _, err = sample(*flags)
    assert code == 1
    assert message in err


def test_runs_that_draw_images_take_no_prompt(sample):
    code, _, err = sample("--prompt=In", experiment="autoencoder")
    assert code == 1
    assert "char_rnn" in err


def test_a_prompt_longer_than_the_context_is_refused():
    tokens = CharacterTokens([b"In the beginning\n"])
    decoder = CharRNNDecoder(char_rnn(tokens.size, width=4))
    decoder.context = 6
    function = generator(decoder, tokens)

    def generate(**inputs):
        return function(**inputs)
    generate.inputs = ("prompt", "length", "seed", "temperature", "top_k", "top_p")
    with pytest.raises(InputError, match="--prompt: expected at most 5 tokens, got 16"):
        written_texts.write(generate, dataclasses.replace(Sampling(), prompt="In the beginning"),
                            1, None)


def test_only_what_a_signature_takes_is_given_to_it(capsys):
    def generate(prompt, length):
        return {"texts": tf.strings.join([prompt, tf.strings.as_string(length)])}
    generate.inputs = ("prompt", "length")
    written_texts.write(generate, Sampling(prompt="abc"), 2, None)
    assert capsys.readouterr().out == "abc200\n\nabc200\n\n"


def test_a_prompt_that_loses_its_tail_is_said_to(capsys):
    def generate(prompt):
        return {"texts": prompt, "cut": tf.strings.length(prompt) > 3}
    generate.inputs = ("prompt",)
    written_texts.write(generate, Sampling(prompt="abc"), 1, None)
    assert capsys.readouterr().err == ""
    written_texts.write(generate, Sampling(prompt="abcd"), 1, None)
    assert "its tail was left out" in capsys.readouterr().err


def test_the_file_written_is_a_file_and_where_the_users_link_leads(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "to pipe").symlink_to(tmp_path / "pipe")
    for name in ("pipe", "to pipe", "none/a", ""):
        with pytest.raises(InputError, match="expected a file"):
            output.target(f"{tmp_path}/{name}")
    (tmp_path / "disk").mkdir()
    (tmp_path / "a").symlink_to(tmp_path / "disk" / "b")
    assert output.target(f"{tmp_path}/a") == tmp_path / "disk" / "b"
    assert output.target(f"{tmp_path}/c") == tmp_path / "c"
    assert output.target("") is None
