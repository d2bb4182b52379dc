"""Decoder-only Transformer (Radford et al. 2019) that writes text; the King James Bible by default.

    python launch.py --experiment=gpt
    python launch.py --mode=sample --run=gpt/RUN --prompt="In the beginning" --temperature=0.8

On kjv_verses: 1.243 bits per character of the test verses (seeds 1 and 2: 1.248), where an
interpolated 20-gram model of characters, n chosen on validation, takes 1.284; 2.9 minutes on 2
cores of an AMD EPYC. Trained by AdamW alone, at a learning rate of 3e-3, it took 1.307. A byte pair
is three characters for the price of one: after 1,000 steps the validation text took 1.43 already.

The network is the one of nanoGPT's README for a processor; its training is this, on any text set:

    python launch.py --experiment=gpt --tokens=characters --batch_size=12 --steps=2000

On 1.1 MB of Shakespeare's plays, in another edition than tiny_shakespeare, which was not at hand:
1.71 nats per character of the validation text in 78 seconds (by AdamW 1.86, at nanoGPT's learning
rate of 1e-3 1.95). A step takes 0.73 of the processor time of PyTorch's with AdamW on an AMD EPYC,
1.07 on an Intel Xeon with AMX: python -m benchmarks.speed --models=gpt_nano --torch

Published GPT-2 weights, as they are or trained further:

    python launch.py --experiment=gpt --pretrained=DIR --steps=0 --run=gpt2
    python launch.py --mode=sample --run=gpt/gpt2 --prompt="In the beginning"
    python launch.py --experiment=gpt --pretrained=DIR --steps=200 --optimizer=adamw \\
        --learning_rate=1e-4
"""

import dataclasses

import keras

from tfmodels import config
from tfmodels.data.load import load
from tfmodels.errors import InputError
from tfmodels.layers.attention import attention_model
from tfmodels.models import gpt
from tfmodels.models.gpt2_files import load_gpt2
from tfmodels.tasks.language_model import language_model
from tfmodels.tokens.byte_pairs import train_byte_pairs
from tfmodels.tokens.characters import CharacterTokens
from tfmodels.training.schedules import warmup_cosine


@dataclasses.dataclass(frozen=True)
class Config(config.Config):
    """Settings of a decoder-only Transformer."""

    batch_of = "windows"

    dataset: str = config.field("kjv_verses")
    pretrained: str = config.field(
        "", "folder with a published GPT-2 to start from: config.json, model.safetensors, "
        "vocab.json and merges.txt; they decide about tokens and size of the network")
    steps: int = config.field(2500, "training steps in all; 0 takes --pretrained as it is",
                              minimum=0)
    batch_size: int = config.field(32, "windows in a step", minimum=1)
    learning_rate: float = config.field(5e-3)
    precision: str = config.field("float32")  # bfloat16 gains nothing at this size
    tokens: str = config.field("byte_pairs", "what texts are cut into",
                               choices=("characters", "byte_pairs"))
    vocabulary_size: int = config.field(1024, "most tokens, with --tokens=byte_pairs", minimum=258,
                                        maximum=2**17)
    context: int = config.field(64, "tokens that are seen at a time, and of a training window",
                                minimum=2, maximum=2**14)
    width: int = config.field(128, "numbers in a token's vector; a multiple of heads", minimum=1)
    depth: int = config.field(4, "blocks", minimum=1, maximum=96)
    heads: int = config.field(4, "attention heads of a block", minimum=1)
    dropout: float = config.field(0.0, "share of features dropped in training", minimum=0,
                                  maximum=0.9)
    optimizer: str = config.field("muon", "what trains the blocks' matrices; all else is AdamW's",
                                  choices=("muon", "adamw"))
    weight_decay: float = config.field(0.1, "share of a matrix that is taken away per step, times "
                                       "the learning rate", minimum=0)
    eval_every: int = config.field(500)
    checkpoint_every: int = config.field(500)
    clip_norm: float = config.field(1.0, "largest L2 norm of the gradients of a step", above=0)


def build(settings):
    """Returns the task."""
    data = load(settings.dataset, settings.data_dir, needs=("text",))
    model, tokens = published(settings) if settings.pretrained else fresh(settings, data)
    decoder = gpt.CachedGPT(model)
    if settings.context > decoder.context:
        raise InputError(f"flag --context={settings.context}: expected at most {decoder.context}, "
                         f"which {settings.pretrained} was trained for")
    model.compile(optimizer=optimizer(settings),
                  loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
                  jit_compile=True)
    return language_model(
        model, tokens, decoder, data, context=settings.context,
        batch_size=settings.batch_size, seed=settings.seed,
        memory_limit=settings.memory_limit << 20,
        attention=attention_model(model))


def optimizer(settings):
    """Returns Muon for the blocks' matrices with AdamW for the rest, or AdamW for everything.

    Muon makes the momentum of a matrix nearly orthogonal before it steps (Jordan et al., "Muon: An
    optimizer for hidden layers in neural networks", 2024), scaled so that AdamW's learning rate and
    weight decay fit it (Liu et al., "Muon is Scalable for LLM Training", arXiv:2502.16982, section
    2.2).
    """
    rate = warmup_cosine(settings.learning_rate, settings.steps)
    shared = {"weight_decay": settings.weight_decay, "global_clipnorm": settings.clip_norm}
    if settings.optimizer == "muon":
        found = keras.optimizers.Muon(
            rate, adam_beta_2=0.99, adam_weight_decay=settings.weight_decay,
            exclude_layers=["positions"], **shared)  # tables named embeddings it knows itself
    else:
        found = keras.optimizers.AdamW(rate, beta_2=0.99, **shared)
    found.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    return found


def fresh(settings, data):
    """Returns a network that knows nothing yet, and tokens from the training split."""
    config.check_multiple(settings, "width", "heads")
    # A line feed ends each text of the running text.
    texts = [*data.splits["train"].arrays()["text"], b"\n"]
    tokens = (CharacterTokens(texts) if settings.tokens == "characters"
              else train_byte_pairs(texts, settings.vocabulary_size))
    return gpt.gpt(tokens.size, settings.context, settings.width, settings.depth, settings.heads,
                   settings.dropout, settings.seed), tokens


def published(settings):
    """Returns the network and the tokens of --pretrained."""
    for name in ("tokens", "vocabulary_size", "width", "depth", "heads"):
        if getattr(settings, name) != getattr(Config, name):
            raise InputError(f"flag --{name}={getattr(settings, name)}: expected none beside "
                             "--pretrained, whose files decide about it")
    return load_gpt2(settings.pretrained, settings.dropout, settings.seed)
