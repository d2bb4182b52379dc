"""Tokens against plain Python."""

import numpy as np
import tensorflow as tf

from tfmodels.tokens.characters import CharacterTokens

TRAINED = ["In the beginning", "été", "日本 𝒳", ""]


def _bytes(texts):
    return [text.encode() for text in texts]


def test_characters_have_the_ids_python_gives_them():
    tokens = CharacterTokens(_bytes(TRAINED))
    ids = {character: index for index, character in enumerate(sorted(set("".join(TRAINED))), 2)}
    texts = ["the 本", "", "été 𝒳", "Zebra"]  # Z, r and a are unknown
    found = tokens.encode(tf.constant(texts))
    assert found.dtype == tf.int32
    assert found.to_list() == [[ids.get(character, 1) for character in text] for text in texts]
    assert tokens.size == len(tokens.vocabulary) == 2 + len(ids)
    assert tokens.special == (0, 1)


def test_decoding_undoes_encoding_and_drops_padding():
    tokens = CharacterTokens(_bytes(TRAINED))
    encoded = tokens.encode(tf.constant(TRAINED))
    assert tokens.decode(encoded).numpy().tolist() == _bytes(TRAINED)
    assert tokens.decode(encoded.to_tensor()).numpy().tolist() == _bytes(TRAINED)
    marked = tf.constant([[0, 1, 0]])
    assert tokens.decode(marked).numpy().tolist() == ["\N{REPLACEMENT CHARACTER}".encode()]
    assert tokens.decode(tf.zeros([2, 0], tf.int32)).numpy().tolist() == [b"", b""]


def test_what_is_not_utf8_is_unknown():
    tokens = CharacterTokens([b"abc", b"\xff\xfed"])
    assert tokens.vocabulary == ("", "\N{REPLACEMENT CHARACTER}", "a", "b", "c", "d")
    assert tokens.encode(tf.constant([b"a\xffb"])).to_list() == [[2, 1, 3]]
    assert tokens.encode(tf.constant(["a\N{REPLACEMENT CHARACTER}b"])).to_list() == [[2, 1, 3]]


def test_no_character_at_all_leaves_every_one_unknown():
    tokens = CharacterTokens([])
    assert tokens.encode(tf.constant(["ab", "\U0010ffff"])).to_list() == [[1, 1], [1]]


def test_tokens_work_in_an_export_and_in_tf_data(tmp_path):
    tokens = CharacterTokens(_bytes(TRAINED))
    module = tf.Module()
    module.tables = [tokens]

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, "inputs")])
    def serve(inputs):
        return {"outputs": tokens.decode(tokens.encode(inputs))}
    tf.saved_model.save(module, str(tmp_path), signatures={"serve": serve})
    loaded = tf.saved_model.load(str(tmp_path))
    answer = loaded.signatures["serve"](inputs=tf.constant(["é本?"]))["outputs"]
    assert answer.numpy().tolist() == ["é本\N{REPLACEMENT CHARACTER}".encode()]
    data = tf.data.Dataset.from_tensor_slices(["In", "été"]).batch(2).map(tokens.encode)
    found = next(iter(data))
    np.testing.assert_array_equal(found.row_lengths(), [2, 3])
