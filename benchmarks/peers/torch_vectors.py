"""The vectors of words of `tfmodels.layers.word_vectors` as a PyTorch user writes them."""

import math

import torch
from torch import nn
from torch.nn import functional


class Vectors(nn.Module):
    """The words that each of M members sees, and their vectors, as in `layers.word_vectors`.

    Args:
        page: a model with both layers; every size is read from it.
    """

    def __init__(self, page):
        super().__init__()
        layer = page.get_layer("tokens")
        settings = layer.settings
        self.hidden = page.get_layer("seen_words").settings["hidden"]
        self.members, self.width = settings["members"], settings["width"]
        self.words, self.positions, self.pairs, self.ngrams = (
            nn.Parameter(torch.empty(settings[rows], self.members * self.width))
            for rows in ("vocabulary_size", "length", "pair_buckets", "ngram_buckets"))
        self.ngram_limits, self.ngrams_of = (
            torch.from_numpy(weight.numpy()).long()
            for weight in (layer.ngram_limits, layer.ngrams_of))

    def forward(self, tokens):
        """Maps tokens [B, T] to vectors [M, B, S, D], and says which are words, [M, B, S]."""
        places, seen = self.choose(tokens)
        distinct, which = torch.unique(tokens, return_inverse=True)
        before = functional.pad(tokens, (1, 0))[:, :-1]
        pair = (before * 8191 + tokens) % len(self.pairs)

        def looked_up(table, rows):  # each member's part of it
            member = torch.arange(self.members)[:, None, None]
            return functional.embedding(rows * self.members + member, table.view(-1, self.width))

        def of_seen(rows):
            return rows.expand(self.members, -1, -1).gather(2, places)
        return (looked_up(self.words[distinct] + self.of_ngrams(distinct), of_seen(which))
                + looked_up(self.pairs, of_seen(pair)) + looked_up(self.positions, places)), seen

    def choose(self, tokens):
        """Returns the positions of the words that each member sees, and which are words."""
        real, length = tokens != 0, tokens.shape[1]
        shape = self.members, *tokens.shape
        if not self.training or not self.hidden:
            return torch.arange(length).expand(shape), real.expand(shape)
        share, words = 1 - self.hidden, real.sum(1, keepdim=True)
        chosen = (torch.rand(shape) + (~real)).topk(math.ceil(length * share), largest=False)[1]
        hidden = torch.arange(chosen.shape[-1]) >= torch.ceil(words * share)
        places = chosen.masked_fill(hidden, length).sort().values
        return places.clamp(max=length - 1), places < length

    def of_ngrams(self, distinct):
        """Returns the vectors [U, M * D] of the n-grams of words [U]."""
        count = self.ngram_limits[distinct + 1] - self.ngram_limits[distinct]
        begins = count.cumsum(0) - count
        ngrams = self.ngrams_of[torch.arange(int(count.sum())) + torch.repeat_interleave(
            self.ngram_limits[distinct] - begins, count)]
        bags = functional.embedding_bag(ngrams, self.ngrams, begins, mode="sum")
        return bags * count.clamp(min=1).rsqrt()[:, None]

    def weights(self, page):
        """Yields the pairs of weights."""
        for name in ("words", "positions", "pairs", "ngrams"):
            yield getattr(self, name), getattr(page.get_layer("tokens"), name)
