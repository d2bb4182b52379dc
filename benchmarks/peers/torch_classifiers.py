"""The pages that classify texts as a PyTorch user writes them; see `benchmarks.peers.torch_gpt`."""

import math

import torch
from torch import nn
from torch.nn import functional
from torch.nn.utils import rnn

from benchmarks.peers.torch_vectors import Vectors
from tfmodels.models.lstm_classifier import BidirectionalLstm
from tfmodels.models.transformer import SelfAttention


class Classifier(nn.Module):
    """The pages `transformer` and `rnn`: M encoders side by side, whose matrices are stacked.

    Args:
        page: a model; every size is read from it.
    """

    def __init__(self, page):
        super().__init__()
        self.vectors = Vectors(page)
        members, width = self.vectors.members, self.vectors.width
        self.dropout = nn.Dropout(page.get_layer("mean_dropout").rate)
        self.blocks = nn.ModuleList(
            AttentionBlock(members, width, layer.heads, self.dropout.p)
            if isinstance(layer, SelfAttention)
            else LstmBlock(members, width, layer.units, self.dropout.p)
            for layer in page.layers if isinstance(layer, SelfAttention | BidirectionalLstm))
        self.logits = MembersLinear(members, width, page.output_shape[-1])

    def forward(self, tokens):
        """Maps tokens [B, T] to logits [M, B, C]; in evaluation to log-probabilities [B, C]."""
        x, seen = self.vectors(tokens)
        for block in self.blocks:
            x = block(x, seen)
        x, weight = normalized(x), seen[..., None].float()
        mean = (x * weight).sum(2) / weight.sum(2).clamp(min=1)  # [M, B, D]
        logits = self.logits(self.dropout(mean))
        if self.training:
            return logits
        return torch.logsumexp(logits.log_softmax(-1), 0) - math.log(len(logits))

    def groups(self, decay):
        """Returns the parameters with their weight decay."""
        return [{"params": [p for p in self.parameters() if p.requires_grad],
                 "weight_decay": decay}]

    def weights(self, page):
        """Yields the pairs of weights."""
        yield from self.vectors.weights(page)
        yield from self.logits.weights(page.get_layer("logits"))
        for number, block in enumerate(self.blocks):
            yield from block.weights(lambda name, n=number: page.get_layer(f"block_{n}_{name}"))


def normalized(x):
    """Returns the vectors [..., D] with mean 0 and variance 1 each."""
    return functional.layer_norm(x, x.shape[-1:], eps=1e-3)


class MembersLinear(nn.Module):
    """A linear layer for each member: [M, N, D] -> [M, N, E]."""

    def __init__(self, members, inputs, outputs):
        super().__init__()
        self.weight = nn.Parameter(torch.empty(members, inputs, outputs))
        self.bias = nn.Parameter(torch.empty(members, 1, outputs))

    def forward(self, x):
        """Multiplies by each member's matrix."""
        return torch.baddbmm(self.bias, x.flatten(1, -2), self.weight).unflatten(1, x.shape[1:-1])

    def weights(self, layer):
        """Yields the pairs of weights."""
        yield self.weight, layer.kernel
        yield self.bias, layer.bias


class AttentionBlock(nn.Module):
    """A pre-norm block of attention and two dense layers for each member."""

    def __init__(self, members, width, heads, dropout):
        super().__init__()
        self.heads, self.dropout = heads, nn.Dropout(dropout)
        self.project = MembersLinear(members, width, 3 * width)
        self.combine = MembersLinear(members, width, width)
        self.expand = MembersLinear(members, width, 2 * width)
        self.contract = MembersLinear(members, 2 * width, width)

    def forward(self, x, seen):
        """Maps vectors [M, B, S, D] to vectors; seen is bool [M, B, S]."""
        # Not the mask itself: a text without words has nothing to look at.
        mask = torch.zeros(seen.shape).masked_fill(~seen, -1e9)[:, :, None, None]
        y = self.project(normalized(x))
        q, k, v = (part.unflatten(-1, (self.heads, -1)).transpose(2, 3)
                   for part in y.chunk(3, -1))
        y = functional.scaled_dot_product_attention(q, k, v, attn_mask=mask)
        x = x + self.dropout(self.combine(y.transpose(2, 3).flatten(3)))
        y = functional.relu(self.expand(normalized(x)))
        return x + self.dropout(self.contract(y))

    def weights(self, layer):
        """Yields the pairs of weights."""
        yield from self.project.weights(layer("attention").project)
        yield from self.combine.weights(layer("attention").output_projection)
        yield from self.expand.weights(layer("mlp_in"))
        yield from self.contract.weights(layer("mlp_out"))


class LstmBlock(nn.Module):
    """A pre-norm bidirectional LSTM and a projection for each member.

    PyTorch has a second bias, which is left at 0.
    """

    def __init__(self, members, width, units, dropout):
        super().__init__()
        self.lstms = nn.ModuleList(
            nn.LSTM(width, units, batch_first=True, bidirectional=True) for _ in range(members))
        for name, parameter in self.named_parameters():
            if "bias_hh" in name:
                parameter.requires_grad_(False).zero_()
        self.project = MembersLinear(members, 2 * units, width)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x, seen):
        """Maps vectors [M, B, S, D] to vectors; seen is bool [M, B, S], words first."""
        y = []
        for lstm, vectors, length in zip(self.lstms, normalized(x), seen.sum(2), strict=True):
            packed = rnn.pack_padded_sequence(vectors, length.clamp(min=1), batch_first=True,
                                              enforce_sorted=False)
            states, _ = rnn.pad_packed_sequence(lstm(packed)[0], batch_first=True,
                                                total_length=x.shape[2])
            y.append(states)
        return x + self.dropout(self.project(torch.stack(y)))

    def weights(self, layer):
        """Yields the pairs of weights, each with its part of the page's variables."""
        yield from self.project.weights(layer("project"))
        kernel, bias = layer("lstm").kernel, layer("lstm").bias
        for member, lstm in enumerate(self.lstms):
            for direction, suffix in enumerate(("l0", "l0_reverse")):
                of_inputs = getattr(lstm, f"weight_ih_{suffix}").T
                part, width = (member, direction), len(of_inputs)
                yield of_inputs, Part(kernel, (*part, slice(width)))
                yield (getattr(lstm, f"weight_hh_{suffix}").T,
                       Part(kernel, (*part, slice(width, None))))
                yield getattr(lstm, f"bias_ih_{suffix}"), Part(bias, part)


class Part:
    """A part of a variable, to be read and assigned as if it were one.

    Args:
        variable: Keras'.
        index: of the part, as NumPy takes it.
    """

    def __init__(self, variable, index):
        self._variable, self._index = variable, index
        self.shape = self.numpy().shape

    def numpy(self):
        """Returns its numbers."""
        return self._variable.numpy()[self._index]

    def assign(self, value):
        """Sets its numbers."""
        whole = self._variable.numpy()
        whole[self._index] = value
        self._variable.assign(whole)
