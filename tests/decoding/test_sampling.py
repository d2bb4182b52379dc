"""Writing token by token against plain loops in Python."""

import numpy as np
import pytest
import tensorflow as tf

from tfmodels.decoding import sampling

SIZE = 11
LOGITS = np.array([0.5, 2.0, -1.0, 1.5, 1.5, 0.0], np.float32)


class HashDecoder:
    """Its next token is a hash of all that its state has read, and of how many those are."""

    def __init__(self, context=None):
        self.context = context

    def initial_state(self, batch):
        return tf.zeros([batch], tf.int32)

    def step(self, tokens, position, state):
        state = (state * 31 + tokens + position) % 9973
        return tf.one_hot(state % SIZE, SIZE), state


def _continue(prompt, length, context):
    """Continues a list of tokens as `HashDecoder` and its context ask for."""
    text, window, state = list(prompt), [], 0

    def read(token):
        nonlocal state
        state = (state * 31 + token + len(window)) % 9973
        window.append(token)
    for index in range(len(prompt) + length - 1):
        read(text[index])
        if index + 1 == len(text):
            text.append(state % SIZE)
        if len(window) == context:
            kept = text[index + 2 - max(context // 2, 1):index + 1]
            window, state = [], 0
            for token in kept:
                read(token)
    return text[len(prompt):]


def _greedy(logits, column):
    del column
    return tf.argmax(logits, 1, tf.int32)


@pytest.mark.parametrize("context", [None, 1, 2, 5, 8])
def test_each_row_is_continued_from_its_own_prompt(context):
    prompts = [[1, 2, 3], [4], [5, 6, 7, 8, 9, 1, 2], [3, 3]]
    found = sampling.continue_tokens(HashDecoder(context), tf.ragged.constant(prompts),
                                       tf.constant(20), _greedy)
    assert found.numpy().tolist() == [_continue(prompt, 20, context) for prompt in prompts]


def test_no_prompts_give_no_texts():
    none = tf.RaggedTensor.from_row_lengths(tf.zeros([0], tf.int32), tf.zeros([0], tf.int64))
    assert sampling.continue_tokens(HashDecoder(3), none, tf.constant(5), _greedy).shape == (0, 5)


def _drawn(temperature=1.0, top_k=0, top_p=1.0, logits=LOGITS, count=10_000):
    """Returns how often each token comes when the place in the distribution takes every value."""
    uniform = (tf.range(count, dtype=tf.float32) + 0.5) / count
    found = sampling.pick(tf.tile(tf.constant(logits)[None], [count, 1]), uniform, temperature,
                            top_k, top_p)
    return np.bincount(found, minlength=len(logits)) / count


def _distribution(temperature, kept):
    weights = np.where(np.isin(np.arange(len(LOGITS)), kept), np.exp(LOGITS / temperature), 0)
    return weights / weights.sum()


@pytest.mark.parametrize(("settings", "temperature", "kept"), [
    ({}, 1, range(6)),
    ({"temperature": 0.5}, 0.5, range(6)),
    ({"temperature": 3.0}, 3, range(6)),
    ({"top_k": 3}, 1, [1, 3, 4]),
    ({"top_k": 99}, 1, range(6)),
    ({"top_p": 0.3}, 1, [1]),  # the likeliest alone has 0.37
    ({"top_p": 0.8}, 1, [1, 3, 4]),  # 0.37 + 0.23 + 0.23
    ({"top_p": 0.5, "temperature": 9.0}, 9, [1, 3, 4]),
    ({"top_k": 2, "top_p": 0.7}, 1, [1, 3]),
    ({"top_k": 2, "top_p": 0.5}, 1, [1]),  # of the two left, it has 0.62
    ({"temperature": 0.0}, 1, [1]),
    ({"temperature": 1e-30}, 1, [1]),
    ({"top_p": 1e-9}, 1, [1])])
def test_tokens_are_drawn_from_the_distribution_asked_for(settings, temperature, kept):
    np.testing.assert_allclose(_drawn(**settings), _distribution(temperature, list(kept)),
                               atol=2e-4)


@pytest.mark.parametrize("place", [0.0, 1 - 2**-23])
def test_the_ends_of_the_distribution_are_tokens_that_are_left(place):
    found = sampling.pick(tf.constant([LOGITS]), tf.constant([place], tf.float32), 1.0, 2, 1.0)
    assert int(found[0]) in (1, 3)


def test_equal_seeds_draw_equally_whatever_stands_beside():
    logits = tf.random.stateless_normal([8, 50], [1, 2])

    def draw(seed, rows, column=3):
        choose = sampling.sampler(tf.constant(seed), 1.0, 0, 1.0, forbidden=(0, 7))
        return choose(logits[:rows], tf.constant(column)).numpy().tolist()
    assert draw(5, 8) == draw(5, 8)
    assert draw(5, 8)[:3] == draw(5, 3)
    assert draw(5, 8) != draw(6, 8)
    assert draw(5, 8) != draw(5, 8, column=4)
    assert not {0, 7} & {token for seed in range(50) for token in draw(seed, 8)}
