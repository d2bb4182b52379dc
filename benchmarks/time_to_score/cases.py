"""The experiments of `benchmarks.time_to_score`, each beside the published recipe of a peer."""

import dataclasses

from tfmodels.evaluation.directions import lower_is_better


@dataclasses.dataclass(frozen=True)
class Case:
    """An experiment beside the recipe of a peer.

    Attributes:
        recipe: module of `recipes`.
        source: where the recipe is published and how long it trains, for the table.
        tag: of the validation score, as TensorBoard has it.
        flags: of our command.
        dataset: that both sides learn from, if no other is asked for.
        corpus: module of this package that makes a smaller set of it, the user's own files, from
            which both sides learn instead; empty for none.
        data: module of this package that writes what the recipe reads, and its first arguments.
        suffix: of the file that it writes.
        scorer: module of this package that scores what the recipe wrote at each validation; empty
            where the recipe logs its scores itself.
    """

    recipe: str
    source: str
    tag: str
    flags: tuple
    dataset: str = "mnist"
    corpus: str = ""
    data: tuple = ("arrays",)
    suffix: str = ".npz"
    scorer: str = ""

    @property
    def lower(self):
        """Whether less of the score is better."""
        return lower_is_better(self.tag.rpartition("/")[2])

    def first(self, points, target):
        """Returns the seconds of the first of (seconds, score) as good as `target`, or None."""
        return next((seconds for seconds, score in points
                     if (score <= target if self.lower else score >= target)), None)


_IMAGES = {
    "dense": Case("mnist_mlp", "keras-team/keras, mnist_mlp, 20 epochs", "metrics/accuracy",
                  ("--batch_size=512", "--precision=mixed_bfloat16", "--learning_rate=3e-3",
                   "--steps=1000", "--eval_every=125")),
    "cnn": Case("mnist_convnet", "keras.io, mnist_convnet, 15 epochs", "metrics/accuracy",
                ("--steps=600", "--eval_every=150")),
    "autoencoder": Case("deep_autoencoder",
                        "blog.keras.io, building autoencoders, deep, 100 epochs", "metrics/mse",
                        ("--steps=1500", "--eval_every=100")),
    "vae": Case("keras_io_vae", "keras.io, vae, 30 epochs", "metrics/elbo",
                ("--steps=300", "--eval_every=150")),
    "gan": Case("tensorflow_dcgan", "tensorflow.org, dcgan, 50 epochs",
                "metrics/frechet_distance", ("--steps=1600", "--eval_every=200"),
                dataset="mnist_10k", scorer="samples"),
    "diffusion": Case("keras_io_ddim", "keras.io, ddim, 10 of the advised 50 epochs",
                      "metrics/frechet_distance", ("--steps=2000", "--eval_every=500"),
                      dataset="mnist_10k", scorer="samples"),
}
_TEXTS = {
    "transformer": Case(
        "text_classification_with_transformer",
        "keras.io, text_classification_with_transformer, 2 epochs", "metrics/accuracy",
        ("--width=64", "--depth=1", "--learning_rate=8e-3", "--token_dropout=0.1",
         "--dropout=0.1", "--steps=200", "--eval_every=50"),
        dataset="kjv_verses", data=("texts", "text,label"), suffix=".json"),
    "rnn": Case(
        "bidirectional_lstm_imdb", "keras.io, bidirectional_lstm_imdb, 2 epochs",
        "metrics/accuracy", ("--steps=400", "--eval_every=40"),
        dataset="kjv_verses", data=("texts", "text,label"), suffix=".json"),
    "gpt": Case(
        "nanogpt", "nanoGPT's README, on a processor, 2,000 steps", "loss/loss",
        ("--tokens=characters", "--batch_size=32", "--depth=1", "--learning_rate=2e-2",
         "--steps=430", "--eval_every=430"),
        dataset="kjv_verses", data=("texts", "text"), suffix=".json"),
    "char_rnn": Case(
        "lstm_character_level_text_generation",
        "keras.io, lstm_character_level_text_generation, 40 epochs, 600,000 characters",
        "loss/loss", ("--steps=800", "--eval_every=100"),
        dataset="kjv_verses", corpus="small_text", data=("texts", "text"), suffix=".json"),
    "translation": Case(
        "neural_machine_translation_with_transformer",
        "keras.io, neural_machine_translation_with_transformer, 30 epochs", "metrics/chrf",
        ("--steps=800", "--eval_every=100"),
        dataset="emoji_names", data=("texts", "source,target"), suffix=".json",
        scorer="translations"),
}
CASES = _IMAGES | _TEXTS
