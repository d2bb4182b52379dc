"""Transfer learning: layers that start from another run's weights, and layers that are frozen.

Yosinski et al., "How Transferable Are Features in Deep Neural Networks?", NeurIPS 2014. Layers
are paired by name. Weights and batch statistics pass over; optimizers, metrics and the states of
random generators start afresh.
"""

import dataclasses
import fnmatch

import keras

from tfmodels.errors import InputError, nearest
from tfmodels.training.checkpoints import optimizers, state

TRANSFERRED = "transferred"
_HEAD = "logits"  # what every classifier here calls the layer whose units are classes


@dataclasses.dataclass(frozen=True)
class Source:
    """What a run left behind that another one can start from.

    Attributes:
        values: {variable's name as of `checkpoints.state`: array}.
        vocabulary: its tokens by id, empty without any.
        class_names: of its labels, empty without any.
    """

    values: dict
    vocabulary: tuple = ()
    class_names: tuple = ()


def layers_of(model):
    """Returns {name: layer} of the layers with weights; `model/layer` inside a nested model.

    A layer built of others, such as attention, counts as one. A second nested model of the same
    name, such as an averaged copy, gets a number.
    """
    found = {}

    def add(layer, prefix):
        name = prefix + layer.name
        if isinstance(layer, keras.Model):
            again = sum(other == name for other in seen)
            seen.append(name)
            for inner in layer.layers:
                add(inner, f"{name}_{again}/" if again else f"{name}/")
        elif layer.weights and all(layer is not other for other in found.values()):
            found[name] = layer

    seen = []
    for layer in model.layers:
        add(layer, "")
    return found


def freeze(model, patterns):
    """Makes layers keep their weights; frozen batch normalization uses its moving statistics.

    To be called before an optimizer makes its slots.

    Args:
        model: a built model.
        patterns: names as of `layers_of`, of a nested model too, with the wildcards `*`, `?`, `[]`.

    Returns:
        The names of the frozen layers, in the model's order.

    Raises:
        InputError: a pattern matches no layer, or nothing would be left to train.
    """
    layers, frozen = layers_of(model), set()
    for pattern in patterns:
        matched = [name for name in layers if any(
            fnmatch.fnmatchcase(part, pattern) for part in _with_parents(name))]
        if not matched:
            raise InputError(f"nothing to freeze: no layer with weights matches {pattern!r}; "
                             f"expected some of {', '.join(layers)}{nearest(pattern, layers)}")
        frozen.update(matched)
    for name in frozen:
        layers[name].trainable = False
    idle = [name for name, optimizer in optimizers(model).items() if optimizer.built and not any(
        variable.trainable for variable in optimizer._trainable_variables)]
    if idle or not model.trainable_variables:
        raise InputError(f"freezing {', '.join(patterns)} leaves nothing to train"
                         + "".join(f" for the {name}" for name in idle)
                         + "; expected fewer of the layers " + ", ".join(layers))
    return [name for name in layers if name in frozen]


def transfer(model, source, vocabulary=(), class_names=()):
    """Gives each layer of a model the weights that a source has for a layer of that name.

    A layer is transferred whole or not at all. Where the vocabularies differ, a row that stands
    for a token goes to the row of the same token, and rows of new tokens stay as they are: those
    of `keras.layers.Embedding`, and the variables that a layer names in its attribute
    `token_rows`.

    Args:
        model: a built model; its weights are assigned.
        source: a `Source`.
        vocabulary: the model's tokens by id, empty without any.
        class_names: of the model's labels, empty without any.

    Returns:
        {layer's name: `TRANSFERRED`, perhaps with a remark, or why not}.

    Raises:
        InputError: not one layer can be transferred; the model is as it was.
    """
    names = {id(variable): name for name, variable in state(model).items()}
    assignments, outcome = [], {}
    for name, layer in layers_of(model).items():
        if layer.name == _HEAD and source.class_names and class_names and (
                source.class_names != class_names):
            outcome[name] = (f"its {len(source.class_names)} classes there are other ones than "
                             f"the {len(class_names)} here")
            continue
        outcome[name], pairs = _layer(layer, names, source, vocabulary)
        assignments += pairs
    if not assignments:
        raise InputError("the two share no layer to transfer:" + "".join(
            f"\n  {name}: {reason}" for name, reason in outcome.items()))
    for variable, value in assignments:
        variable.assign(value)
    return outcome


def _layer(layer, names, source, vocabulary):
    """Returns the outcome for one layer and [(variable, its new value)]."""
    known = [(variable, source.values.get(names[id(variable.value)]))
             for variable in layer.weights]
    missing = [variable.name for variable, value in known if value is None]
    if missing:
        whole = len(missing) == len(known)
        return "no such layer there" if whole else f"no {', '.join(missing)} there", []
    rows, remark = (), ""
    if source.vocabulary != vocabulary:
        rows = _token_rows(layer, vocabulary)
        suspects = [] if rows else [v.name for v, value in known if _per_token(
            v.shape, value.shape, len(vocabulary), len(source.vocabulary))]
        if suspects or (rows and not (vocabulary and source.vocabulary)):
            return f"{', '.join(suspects or rows)} depends on the vocabulary, another there", []
        common = {token: row for row, token in enumerate(source.vocabulary)}
        here = [row for row, token in enumerate(vocabulary) if token in common]
        there = [common[vocabulary[row]] for row in here]
        if rows:
            remark = f" by token: {len(here):,} of {len(vocabulary):,} are known there"
    pairs = []
    for variable, value in known:
        shape = tuple(variable.shape)
        if variable.name in rows and len(value) == len(source.vocabulary) and (
                value.shape[1:] == shape[1:]):
            mapped = variable.numpy().copy()
            mapped[here] = value[there]
            value = mapped
        if value.shape != shape:
            return f"{variable.name} is {value.shape} there, {shape} here", []
        pairs.append((variable, value))
    return TRANSFERRED + remark, pairs


def _token_rows(layer, vocabulary):
    """Returns the names of a layer's variables that have a row for each token."""
    if isinstance(layer, keras.layers.Embedding) and layer.input_dim == len(vocabulary):
        return ("embeddings",)
    return getattr(layer, "token_rows", ())


def _per_token(here, there, tokens_here, tokens_there):
    """Tells whether an axis may stand for the tokens on both sides."""
    return any(pair == (tokens_here, tokens_there) for pair in zip(here, there, strict=False))


def _with_parents(name):
    """Returns `a`, `a/b` and `a/b/c` of `a/b/c`."""
    parts = name.split("/")
    return ["/".join(parts[:end]) for end in range(1, len(parts) + 1)]
