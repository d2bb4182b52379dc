"""karpathy/nanoGPT (Karpathy 2022), the command that its README gives for a processor.

    train.py config/train_shakespeare_char.py --device=cpu --compile=False --eval_iters=20
        --log_interval=1 --block_size=64 --batch_size=12 --n_layer=4 --n_head=4 --n_embd=128
        --max_iters=2000 --lr_decay_iters=2000 --dropout=0.0

Characters, no biases, logits from the table of token vectors; AdamW with weight decay of 0.1 on
matrices, 100 steps of warming up to 1e-3, a cosine down to 1e-4, gradients of norm 1 at most. The
README says 1.88 nats per character of tiny Shakespeare. PyTorch, in eager mode.

Every 250 steps it estimates both losses from 20 random batches, in its time. What is logged is the
loss of the whole validation text, computed while the clock stands still.
"""

import functools
import math
import os

# Else PyTorch's threads spin while they wait: beside other work a step takes 15 times as long.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import numpy as np
import torch
from common import arguments, running_text
from torch import nn
from torch.nn import functional

_CONTEXT, _BATCH, _STEPS, _EVERY, _ESTIMATES = 64, 12, 2000, 250, 20
_BLOCKS, _HEADS, _WIDTH = 4, 4, 128
_RATE, _LEAST_RATE, _WARM_UP = 1e-3, 1e-4, 100
_SCORED = 256  # windows at a time


class Block(nn.Module):
    """Causal attention and two dense layers, each normalized before and added."""

    def __init__(self):
        super().__init__()
        self.norm1, self.norm2 = (nn.LayerNorm(_WIDTH, bias=False) for _ in range(2))
        self.project = nn.Linear(_WIDTH, 3 * _WIDTH, bias=False)
        self.combine = nn.Linear(_WIDTH, _WIDTH, bias=False)
        self.expand = nn.Linear(_WIDTH, 4 * _WIDTH, bias=False)
        self.contract = nn.Linear(4 * _WIDTH, _WIDTH, bias=False)

    def forward(self, x):
        """Maps vectors [B, T, D] to vectors [B, T, D]."""
        q, k, v = (part.unflatten(2, (_HEADS, -1)).transpose(1, 2)
                   for part in self.project(self.norm1(x)).split(_WIDTH, dim=2))
        y = functional.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + self.combine(y.transpose(1, 2).flatten(2))
        return x + self.contract(functional.gelu(self.expand(self.norm2(x))))


class GPT(nn.Module):
    """The network, with its starting weights.

    Args:
        characters: how many there are.
    """

    def __init__(self, characters):
        super().__init__()
        self.tokens = nn.Embedding(characters, _WIDTH)
        self.places = nn.Embedding(_CONTEXT, _WIDTH)
        self.blocks = nn.Sequential(*(Block() for _ in range(_BLOCKS)))
        self.norm = nn.LayerNorm(_WIDTH, bias=False)
        for name, weight in self.named_parameters():
            if weight.dim() == 2:
                added = name.endswith(("combine.weight", "contract.weight"))
                nn.init.normal_(weight, std=0.02 / (math.sqrt(2 * _BLOCKS) if added else 1))

    def forward(self, x, y):
        """Returns the mean loss of int64 [B, T], where each y is to be written; -1 counts not."""
        vectors = self.blocks(self.tokens(x) + self.places(torch.arange(x.shape[1])))
        logits = functional.linear(self.norm(vectors), self.tokens.weight)
        return functional.cross_entropy(logits.flatten(0, 1), y.flatten(), ignore_index=-1)


def rate(step):
    """Returns the learning rate of a step."""
    if step < _WARM_UP:
        return _RATE * step / _WARM_UP
    done = (step - _WARM_UP) / (_STEPS - _WARM_UP)
    return _LEAST_RATE + 0.5 * (1 + math.cos(math.pi * done)) * (_RATE - _LEAST_RATE)


def scored_windows(texts, encode):
    """Returns x and y int64 [N, T] in which each character and line end counts once.

    A text is read from the start of a line. If it is longer than the context, the windows overlap
    by half, so that all but its first characters have at least half a context before them.
    """
    half, rows = _CONTEXT // 2, []
    for text in texts:
        ids = encode(f"\n{text}\n")
        for first in range(0, max(len(ids) - 1 - _CONTEXT, 0) + half, half):
            x, y = ids[first:first + _CONTEXT + 1][:-1], ids[first:first + _CONTEXT + 1][1:].copy()
            if first:
                y[:_CONTEXT - half] = -1
            rows.append((np.pad(x, (0, _CONTEXT - len(x))),
                         np.pad(y, (0, _CONTEXT - len(y)), constant_values=-1)))
    return map(torch.from_numpy, map(np.stack, zip(*rows, strict=True)))


def main():
    """Trains; scores are nats per character of the validation texts, line ends included."""
    data, log = arguments()
    torch.manual_seed(1337)
    texts = {part: running_text(data, part) for part in ("train", "validation")}
    ids = {character: number for number, character in enumerate(sorted(set("".join(
        texts.values()))))}

    def encode(text):
        return np.array([ids[character] for character in text], np.int64)
    streams = {part: encode(text) for part, text in texts.items()}
    model = GPT(len(ids))
    weights = list(model.parameters())
    optimizer = torch.optim.AdamW([
        {"params": [weight for weight in weights if weight.dim() >= 2], "weight_decay": 0.1},
        {"params": [weight for weight in weights if weight.dim() < 2], "weight_decay": 0.0}],
        lr=_RATE, betas=(0.9, 0.99))

    def batch(part):
        stream = streams[part]
        starts = torch.randint(len(stream) - _CONTEXT, (_BATCH,))
        return (torch.stack([torch.from_numpy(stream[start + shift:start + shift + _CONTEXT])
                             for start in starts]) for shift in (0, 1))

    @torch.no_grad()
    def estimated(part):
        return sum(model(*batch(part)).item() for _ in range(_ESTIMATES)) / _ESTIMATES

    @functools.cache
    def validation():
        return tuple(scored_windows(data["x_validation"], encode))

    @torch.no_grad()
    def nats():
        x, y = validation()
        parts = range(0, len(x), _SCORED)
        counts = [(y[first:first + _SCORED] >= 0).sum().item() for first in parts]
        losses = [model(x[first:first + _SCORED], y[first:first + _SCORED]).item()
                  for first in parts]
        return np.average(losses, weights=counts)

    for step in range(_STEPS + 1):
        if step % _EVERY == 0:
            for part in streams:
                estimated(part)
            log.score_aside(nats)
        for group in optimizer.param_groups:
            group["lr"] = rate(step)
        model(*batch("train")).backward()
        nn.utils.clip_grad_norm_(weights, 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)


if __name__ == "__main__":
    main()
