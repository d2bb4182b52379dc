"""Decoder-only Transformer (Radford et al. 2019) that writes text; the King James Bible by default.

    python launch.py --experiment=gpt
    python launch.py --mode=sample --run=gpt/RUN --prompt="In the beginning" --temperature=0.8

Its bits per character stand beside those of an interpolated n-gram model of characters; --help
shows them. On the validation split Muon was ahead of AdamW alone and byte pairs of characters, see
docs/results.md. The network of nanoGPT's README for a processor, with this training:

    python launch.py --experiment=gpt --tokens=characters --batch_size=12 --steps=2000

Published GPT-2 weights, as they are or trained further:

    python launch.py --experiment=gpt --pretrained=DIR --steps=0 --run=gpt2
    python launch.py --mode=sample --run=gpt/gpt2 --prompt="In the beginning"
    python launch.py --experiment=gpt --pretrained=DIR --steps=200 --optimizer=adamw \\
        --learning_rate=1e-4
"""

import dataclasses

from tfmodels import config
from tfmodels.errors import SettingError


@dataclasses.dataclass(frozen=True)
class Config(config.LanguageModel):
    """Settings of a decoder-only Transformer."""

    jit_compile = True

    pretrained: str = config.field(
        "", "folder with a published GPT-2 to start from: config.json, model.safetensors, "
        "vocab.json and merges.txt; they decide about tokens and size of the network")
    steps: int = config.field(2500, "training steps in all; 0 takes --pretrained as it is",
                              minimum=0)
    learning_rate: float = config.field(5e-3)
    precision: str = config.field("float32")  # bfloat16 gains nothing at this size
    tokens: str = config.field("byte_pairs", "what texts are cut into",
                               choices=("characters", "byte_pairs"))
    vocabulary_size: int = config.field(1024, "most tokens, with --tokens=byte_pairs", minimum=258,
                                        maximum=2**17)
    context: int = config.field(64, "tokens that are seen at a time, and of a training window",
                                minimum=2, maximum=2**14)
    width: int = config.field(128, "dimension of a token's vector; a multiple of heads", minimum=1)
    depth: int = config.field(4, "blocks", minimum=1, maximum=96)
    heads: int = config.field(4, "attention heads of a block", minimum=1)
    optimizer: str = config.field("muon", "what trains the blocks' matrices; all else is AdamW's",
                                  choices=("muon", "adamw"))
    weight_decay: float = config.field(0.1, "weight decay: the fraction of a matrix taken away per "
                                       "step, times the learning rate", minimum=0)
    eval_every: int = config.field(500)
    checkpoint_every: int = config.field(500)


def build(settings):
    """Returns the task."""
    import keras

    from tfmodels.layers.attention import attention_model
    from tfmodels.models import gpt
    from tfmodels.models.gpt2_files import load_gpt2
    from tfmodels.tasks.language_model import language_model, lines
    from tfmodels.tokens.byte_pairs import train_byte_pairs
    from tfmodels.tokens.characters import CharacterTokens
    from tfmodels.training import optimizers
    from tfmodels.training.schedules import warmup_cosine

    data = settings.load("text")
    if settings.pretrained:
        _check_published(settings)
        model, tokens = load_gpt2(settings.pretrained, settings.dropout, settings.seed)
    else:
        config.check_multiple(settings, "width", "heads")
        texts = lines(data.splits["train"])
        tokens = (CharacterTokens(texts) if settings.tokens == "characters"
                  else train_byte_pairs(texts, settings.vocabulary_size))
        model = gpt.gpt(tokens.size, settings.context, settings.width, settings.depth,
                        settings.heads, settings.dropout, settings.seed)
    decoder = gpt.CachedGPT(model)
    if settings.context > decoder.context:
        raise SettingError("context", settings.context, f"expected at most {decoder.context}, "
                           f"which {settings.pretrained} was trained for")
    make_optimizer = {"muon": optimizers.muon, "adamw": optimizers.adamw}[settings.optimizer]
    model.compile(
        make_optimizer(warmup_cosine(settings.learning_rate, settings.steps),
                       settings.weight_decay, settings.clip_norm),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    return language_model(model, tokens, decoder, data, context=settings.context,
                          attention=attention_model(model))


def _check_published(settings):
    """Refuses settings about which the files of --pretrained decide."""
    for name in ("tokens", "vocabulary_size", "width", "depth", "heads"):
        if getattr(settings, name) != getattr(Config, name):
            raise SettingError(name, getattr(settings, name), "expected none beside pretrained, "
                               "whose files decide about it")
