"""The pages that classify texts as a PyTorch user writes them; see `benchmarks.torch_gpt`."""

import math

import torch
from torch import nn
from torch.nn import functional

from tfmodels.transformer import SelfAttention


class TransformerClassifier(nn.Module):
    """The page `transformer`: M pre-norm encoders side by side, whose matrices are stacked.

    Args:
        page: its model; every size is read from it.
    """

    def __init__(self, page):
        super().__init__()
        settings = page.get_layer("tokens").settings
        self.hidden = page.get_layer("seen_words").settings["hidden"]
        self.members, self.width = settings["members"], settings["width"]
        self.words, self.positions, self.pairs, self.ngrams = (
            nn.Parameter(torch.empty(settings[rows], self.members * self.width))
            for rows in ("vocabulary_size", "length", "pair_buckets", "ngram_buckets"))
        self.ngram_limits, self.ngrams_of = (
            torch.from_numpy(weight.numpy()).long() for weight in (
                page.get_layer("tokens").ngram_limits, page.get_layer("tokens").ngrams_of))
        attends = [layer for layer in page.layers if isinstance(layer, SelfAttention)]
        self.dropout = nn.Dropout(page.get_layer("mean_dropout").rate)
        self.blocks = nn.ModuleList(MembersBlock(self.members, self.width, layer.heads,
                                                 self.dropout.p) for layer in attends)
        self.logits = MembersLinear(self.members, self.width, page.output_shape[-1])

    def forward(self, tokens):
        """Maps tokens [B, T] to logits [M, B, C]; in evaluation to log-probabilities [B, C]."""
        places, seen = self.choose(tokens)  # [M, B, S]
        x = self.embed(tokens, places)  # [M, B, S, D]
        mask = torch.zeros(seen.shape).masked_fill(~seen, -1e9)[:, :, None, None]
        for block in self.blocks:
            x = block(x, mask)
        x, weight = functional.layer_norm(x, x.shape[-1:], eps=1e-3), seen[..., None].float()
        mean = (x * weight).sum(2) / weight.sum(2).clamp(min=1)  # [M, B, D]
        logits = self.logits(self.dropout(mean))
        if self.training:
            return logits
        return torch.logsumexp(logits.log_softmax(-1), 0) - math.log(self.members)

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

    def embed(self, tokens, places):
        """Returns the sum of the vectors of words, their n-grams and pairs, and positions."""
        distinct, which = torch.unique(tokens, return_inverse=True)
        count = self.ngram_limits[distinct + 1] - self.ngram_limits[distinct]
        begins = count.cumsum(0) - count
        ngrams = self.ngrams_of[torch.arange(int(count.sum())) + torch.repeat_interleave(
            self.ngram_limits[distinct] - begins, count)]
        bags = functional.embedding_bag(ngrams, self.ngrams, begins, mode="sum")
        words = self.words[distinct] + bags * count.clamp(min=1).rsqrt()[:, None]
        before = functional.pad(tokens, (1, 0))[:, :-1]
        pair = (before * 8191 + tokens) % len(self.pairs)

        def looked_up(table, rows):  # each member's part of it
            member = torch.arange(self.members)[:, None, None]
            return functional.embedding(rows * self.members + member,
                                        table.view(-1, self.width))

        def seen(rows):
            return rows.expand(self.members, -1, -1).gather(2, places)
        return (looked_up(words, seen(which)) + looked_up(self.pairs, seen(pair))
                + looked_up(self.positions, places))

    def groups(self, decay):
        """Returns the parameters with their weight decay."""
        return [{"params": list(self.parameters()), "weight_decay": decay}]

    def weights(self, page):
        """Yields the pairs of weights."""
        layer = page.get_layer
        for name in ("words", "positions", "pairs", "ngrams"):
            yield getattr(self, name), getattr(layer("tokens"), name)
        for number, block in enumerate(self.blocks):
            attend = layer(f"block_{number}_attention")
            yield from linear_of_members(block.project, attend.project)
            yield from linear_of_members(block.combine, attend.output_projection)
            yield from linear_of_members(block.expand, layer(f"block_{number}_mlp_in"))
            yield from linear_of_members(block.contract, layer(f"block_{number}_mlp_out"))
        yield from linear_of_members(self.logits, layer("logits"))


class MembersLinear(nn.Module):
    """A linear layer for each member: [M, N, D] -> [M, N, E]."""

    def __init__(self, members, inputs, outputs):
        super().__init__()
        self.weight = nn.Parameter(torch.empty(members, inputs, outputs))
        self.bias = nn.Parameter(torch.empty(members, 1, outputs))

    def forward(self, x):
        """Multiplies by each member's matrix."""
        return torch.baddbmm(self.bias, x.flatten(1, -2), self.weight).unflatten(1, x.shape[1:-1])


class MembersBlock(nn.Module):
    """A pre-norm block of attention and two dense layers for each member."""

    def __init__(self, members, width, heads, dropout):
        super().__init__()
        self.heads, self.dropout = heads, nn.Dropout(dropout)
        self.project = MembersLinear(members, width, 3 * width)
        self.combine = MembersLinear(members, width, width)
        self.expand = MembersLinear(members, width, 2 * width)
        self.contract = MembersLinear(members, 2 * width, width)

    def forward(self, x, mask):
        """Maps vectors [M, B, S, D] to vectors, by what the mask [M, B, 1, 1, S] adds."""
        width = x.shape[-1:]
        y = self.project(functional.layer_norm(x, width, eps=1e-3))
        q, k, v = (part.unflatten(-1, (self.heads, -1)).transpose(2, 3)
                   for part in y.chunk(3, -1))
        y = functional.scaled_dot_product_attention(q, k, v, attn_mask=mask)
        x = x + self.dropout(self.combine(y.transpose(2, 3).flatten(3)))
        y = functional.relu(self.expand(functional.layer_norm(x, width, eps=1e-3)))
        return x + self.dropout(self.contract(y))


def linear_of_members(module, layer):
    """Yields the pairs of weights of a `MembersLinear`."""
    yield module.weight, layer.kernel
    yield module.bias, layer.bias
