"""What the loop, the events, the export and the evaluation need to know of an experiment."""

import collections.abc
import dataclasses

import keras

from tfmodels.data.load import Dataset
from tfmodels.data.sources import Examples, Pieces, Windows
from tfmodels.tasks.portable import Portable


def nothing(*_):
    """Names no baseline, no score and no fault."""
    return {}


@dataclasses.dataclass(frozen=True)
class Task:
    """One experiment, ready to train.

    Attributes:
        model: built and compiled, its optimizers built; it is trained by `model.train_step`.
        data: the data set it was built for.
        source: what it is trained on; has `batches(batch_size, seed)`, see `tfmodels.data.sources`.
        prepare: (batch, seed int64 [2]) -> what `model.train_step` takes; stateless, runs in the
            compiled step: decoding, scaling, augmentation.
        signatures: name -> tf.function of raw inputs; what is exported.
        portable: a `Portable`, or None where nothing of it runs without texts.
        evaluate: (signatures, split) -> metrics by their plain name, such as `accuracy`. It
            reads nothing but these arguments, so it scores the live model and an export alike.
        final: (signatures, split) -> entries of metrics.json, {"metrics": as of `evaluate`,
            "intervals": {name: [low, high]}, …}, too slow for each validation; if None, the
            metrics of `evaluate` are the only entry.
            Metrics that fail on their own may be told of in the entry "errors", {name: why};
            "notes" are sentences that are printed below the scores.
        baselines: (split) -> {baseline name: function of no arguments -> metrics}, trained on
            the training split. They are functions so that one that fails costs no other. What was
            chosen on the validation split is an entry `settings` of the metrics, see `tuning`,
            which ones could not be computed, and why, an entry `errors`, `converged` is False of
            a fit that was ended before, and `fitted_on` says on what part of training one was
            fitted, if not on all of it.
        show: {name: (events, step) -> None}; what logs pictures and texts after each validation,
            each on its own, so that one that fails costs no other.
        vocabulary: the tokens of a text model by their id, for the run's vocabulary.json.
        tables: layers whose lookup tables the signatures use.
        faults: logged scalars -> sentences saying what is wrong with the training.
        on_collapse: the answer to a fault: warn, stop or rollback, see `CollapseGuard`.
    """

    model: keras.Model
    data: Dataset
    source: Examples | Windows | Pieces
    prepare: collections.abc.Callable
    signatures: dict
    evaluate: collections.abc.Callable
    portable: Portable | None = None
    final: collections.abc.Callable | None = None
    baselines: collections.abc.Callable = nothing
    show: collections.abc.Mapping = dataclasses.field(default_factory=dict)
    vocabulary: tuple = ()
    tables: tuple = ()
    faults: collections.abc.Callable = nothing
    on_collapse: str = "warn"
