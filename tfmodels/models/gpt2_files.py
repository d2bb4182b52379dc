"""GPT-2 from the files its weights are published in, in the layout of Hugging Face.

config.json says the architecture, model.safetensors holds the weights, vocab.json and merges.txt
the byte pairs. Nothing in them is run or unpickled.
"""

import json
import pathlib

import numpy as np

from tfmodels.errors import DataError, InputError
from tfmodels.models.gpt import EPSILON, gpt
from tfmodels.tokens.byte_pairs import BytePairTokens

_END = "<|endoftext|>"  # the token between two texts
_FILES = ("config.json", "model.safetensors", "vocab.json", "merges.txt")
_SIZES = ("vocab_size", "n_positions", "n_embd", "n_layer", "n_head")
# What else a configuration may say, with the only values that fit; a missing key means the first.
_FIXED = {"model_type": ("gpt2",), "activation_function": ("gelu_new",),
          "layer_norm_epsilon": (EPSILON,), "scale_attn_weights": (True,),
          "scale_attn_by_inverse_layer_idx": (False,), "add_cross_attention": (False,),
          "tie_word_embeddings": (True,)}
_MASKS = ("attn.bias", "attn.masked_bias")  # constants that some files hold beside the weights


def load_gpt2(folder, dropout=0.0, seed=0):
    """Reads a published GPT-2.

    Args:
        folder: holds config.json, model.safetensors, vocab.json and merges.txt.
        dropout, seed: of training, see `gpt`; those of config.json are not used.

    Returns:
        The model of `tfmodels.models.gpt.gpt` with the published weights, and its `BytePairTokens`.

    Raises:
        InputError: the folder or a file is missing, or the library safetensors.
        DataError: a file is damaged, or does not fit the others; it names the file, and the tensor
            or the key.
    """
    folder = pathlib.Path(folder).expanduser()
    missing = [name for name in _FILES if not (folder / name).is_file()]
    if missing:
        raise InputError(f"{folder} has no {', '.join(missing)}: expected a folder with "
                         f"{', '.join(_FILES)}, as GPT-2 is published by Hugging Face")
    sizes = _read_sizes(folder / "config.json")
    tokens = _read_tokens(folder, sizes["vocab_size"])
    weights = _read_weights(folder / "model.safetensors", sizes)
    model = gpt(*(sizes[name] for name in _SIZES), dropout, seed)
    for variable in model.trainable_variables:
        variable.assign(weights[variable.path])
    return model, tokens


def _read_sizes(path):
    """Returns the sizes of an architecture, or refuses one that `gpt` is not."""
    config = _read_json(path)
    sizes = {name: config.get(name) for name in _SIZES}
    for name, size in sizes.items():
        if type(size) is not int or size < 1:
            raise DataError(f"{path}: {name} is {size!r}: expected an integer of at least 1")
    width, heads = sizes["n_embd"], sizes["n_head"]
    if width % heads:
        raise DataError(f"{path}: n_embd {width} is no multiple of n_head {heads}")
    fixed = _FIXED | {"n_inner": (None, 4 * width)}
    for name, fitting in fixed.items():
        if config.get(name, fitting[0]) not in fitting:
            raise DataError(f"{path}: {name} is {config[name]!r}: expected "
                            f"{' or '.join(map(repr, fitting))}, as of GPT-2")
    return sizes


def _read_tokens(folder, size):
    """Returns the byte pairs of vocab.json and merges.txt."""
    vocabulary = _read_json(folder / "vocab.json", holding=int)
    if len(vocabulary) != size or set(vocabulary.values()) != set(range(size)):
        raise DataError(f"{folder / 'vocab.json'} has {len(vocabulary):,} tokens: expected the ids "
                        f"0 to {size - 1:,}, each once, by vocab_size of config.json")
    try:
        lines = (folder / "merges.txt").read_text(encoding="utf-8").split("\n")
    except UnicodeDecodeError as error:
        raise DataError(f"{folder / 'merges.txt'} is not UTF-8: {error}") from None
    merges = [tuple(line.split(" ")) for line in lines if line and not line.startswith("#version")]
    odd = next((merge for merge in merges if len(merge) != 2), None)
    if odd:
        raise DataError(f"{folder / 'merges.txt'} has a line {' '.join(odd)[:80]!r}: expected two "
                        "tokens and a space between them")
    try:
        return BytePairTokens(sorted(vocabulary, key=vocabulary.get), merges, [_END], start=_END)
    except ValueError as error:
        raise DataError(f"{folder / 'vocab.json'} does not fit merges.txt: {error}") from None


def _read_weights(path, sizes):
    """Returns {path of our variable: float32 array}, of exactly the tensors that are expected."""
    try:
        import safetensors
    except ImportError:
        raise InputError("published weights are read by the library safetensors, which is not "
                         "installed: pip install 'tfmodels[gpt]'") from None
    try:
        with safetensors.safe_open(path, framework="numpy") as file:
            return _checked_weights(path, file, sizes)
    except safetensors.SafetensorError as error:
        raise DataError(f"{path} is damaged: {error}") from None


def _checked_weights(path, file, sizes):
    """Reads the expected tensors of an open file."""
    names = set(file.keys())
    prefix = "transformer." if "transformer.wte.weight" in names else ""
    expected = {prefix + name: entry for name, entry in _tensors(sizes).items()}
    ignored = {f"{prefix}h.{block}.{mask}" for block in range(sizes["n_layer"]) for mask in _MASKS}
    missing = sorted(set(expected) - names)
    if missing:
        raise DataError(f"{path} has no tensor {missing[0]!r}, which config.json asks for")
    odd = sorted(names - set(expected) - ignored - {"lm_head.weight"})
    if odd:
        raise DataError(f"{path} has a tensor {odd[0]!r} that config.json does not speak of")
    weights = {}
    for name, (variable, shape) in expected.items():
        weights[variable] = _checked_tensor(path, file, name, shape)
    if "lm_head.weight" in names:
        shape = (sizes["vocab_size"], sizes["n_embd"])
        head = _checked_tensor(path, file, "lm_head.weight", shape)
        if not np.array_equal(head, weights["tokens/embeddings"]):
            raise DataError(f"{path}: lm_head.weight is not {prefix}wte.weight: expected an output "
                            "tied to the token vectors, as of GPT-2")
    return weights


def _checked_tensor(path, file, name, shape):
    """Reads a tensor as float32, or refuses it."""
    about = file.get_slice(name)
    if tuple(about.get_shape()) != shape:
        raise DataError(f"{path}: tensor {name!r} has shape {tuple(about.get_shape())}: expected "
                        f"{shape} by config.json")
    if about.get_dtype() not in ("F64", "F32", "F16"):
        raise DataError(f"{path}: tensor {name!r} is of type {about.get_dtype()}: expected F32 or "
                        "F16")
    tensor = file.get_tensor(name).astype(np.float32)
    if not np.isfinite(tensor).all():
        raise DataError(f"{path}: tensor {name!r} holds NaN or infinite numbers")
    return tensor


def _tensors(sizes):
    """Returns {published name: (path of our variable, shape)}."""
    width = sizes["n_embd"]
    tensors = {"wte.weight": ("tokens/embeddings", (sizes["vocab_size"], width)),
               "wpe.weight": ("positions/table", (sizes["n_positions"], width))}

    def norm(name, layer):
        tensors[f"{name}.weight"] = f"{layer}/gamma", (width,)
        tensors[f"{name}.bias"] = f"{layer}/beta", (width,)

    def product(name, layer, inputs, outputs):
        tensors[f"{name}.weight"] = f"{layer}/kernel", (inputs, outputs)
        tensors[f"{name}.bias"] = f"{layer}/bias", (outputs,)

    for block in range(sizes["n_layer"]):
        theirs, ours = f"h.{block}", f"block_{block}"
        norm(f"{theirs}.ln_1", f"{ours}_attention_norm")
        product(f"{theirs}.attn.c_attn", f"{ours}_attention/project", width, 3 * width)
        product(f"{theirs}.attn.c_proj", f"{ours}_attention/combine", width, width)
        norm(f"{theirs}.ln_2", f"{ours}_mlp_norm")
        product(f"{theirs}.mlp.c_fc", f"{ours}_expand", width, 4 * width)
        product(f"{theirs}.mlp.c_proj", f"{ours}_contract", 4 * width, width)
    norm("ln_f", "final_norm")
    return tensors


def _read_json(path, holding=object):
    """Returns the object that a JSON file holds, with values of type `holding`."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise DataError(f"{path} is damaged: {error}") from None
    if not isinstance(found, dict) or not all(isinstance(x, holding) for x in found.values()):
        raise DataError(f"{path} is damaged: expected a JSON object of {holding.__name__}s")
    return found
