"""The page `gpt` as a PyTorch user writes it, and which of its weights are which of the page's.

Each network here and in `benchmarks.peers.torch_classifiers` yields by `weights(page)` pairs
(parameter, the page's variable) of as many numbers, so that both sides start alike and are scored
alike. PyTorch keeps the matrix of a linear layer the other way round: [outputs, inputs].
"""

import keras
import torch
from torch import nn
from torch.nn import functional

from tfmodels.layers.attention import SelfAttention
from tfmodels.models.gpt import EPSILON


class GPT(nn.Module):
    """The page `gpt`, after nanoGPT's model.py.

    Args:
        page: its model; every size is read from it.
    """

    def __init__(self, page):
        super().__init__()
        embed, self.context = page.get_layer("tokens"), page.get_layer("positions").context
        rate = next(layer.rate for layer in page.layers
                    if isinstance(layer, keras.layers.Dropout))
        self.tokens = nn.Embedding(embed.input_dim, embed.output_dim)
        self.positions = nn.Embedding(self.context, embed.output_dim)
        self.dropout = nn.Dropout(rate)
        self.blocks = nn.ModuleList(Block(embed.output_dim, layer.heads, rate)
                                    for layer in page.layers if isinstance(layer, SelfAttention))
        self.norm = nn.LayerNorm(embed.output_dim, EPSILON)

    def forward(self, tokens):
        """Maps tokens [B, T] to logits [B, T, V]."""
        places = torch.arange(tokens.shape[1])
        x = self.dropout(self.tokens(tokens) + self.positions(places))
        for block in self.blocks:
            x = block(x)
        return functional.linear(self.norm(x), self.tokens.weight)

    def groups(self, decay):
        """Returns the parameters with the weight decay of each: only matrices have one."""
        parameters = list(self.parameters())
        return [{"params": [p for p in parameters if p.dim() >= 2], "weight_decay": decay},
                {"params": [p for p in parameters if p.dim() < 2], "weight_decay": 0.0}]

    def weights(self, page):
        """Yields the pairs of weights."""
        layer = page.get_layer
        yield self.tokens.weight, layer("tokens").embeddings
        yield self.positions.weight, layer("positions").table
        yield from normalization(self.norm, layer("final_norm"))
        for number, block in enumerate(self.blocks):
            attend = layer(f"block_{number}_attention")
            yield from linear(block.project, attend.project)
            yield from linear(block.combine, attend.combine)
            yield from normalization(block.norm1, layer(f"block_{number}_attention_norm"))
            yield from normalization(block.norm2, layer(f"block_{number}_mlp_norm"))
            yield from linear(block.expand, layer(f"block_{number}_expand"))
            yield from linear(block.contract, layer(f"block_{number}_contract"))


class Block(nn.Module):
    """A pre-norm block of causal attention and two dense layers."""

    def __init__(self, width, heads, dropout):
        super().__init__()
        self.heads = heads
        self.norm1, self.norm2 = nn.LayerNorm(width, EPSILON), nn.LayerNorm(width, EPSILON)
        self.project, self.combine = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.expand, self.contract = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x):
        """Maps vectors [B, T, D] to vectors [B, T, D]."""
        batch, length, width = x.shape
        q, k, v = (part.view(batch, length, self.heads, width // self.heads).transpose(1, 2)
                   for part in self.project(self.norm1(x)).split(width, dim=2))
        y = functional.scaled_dot_product_attention(
            q, k, v, dropout_p=self.dropout.p if self.training else 0.0, is_causal=True)
        y = y.transpose(1, 2).contiguous().view(batch, length, width)
        x = x + self.dropout(self.combine(y))
        y = functional.gelu(self.expand(self.norm2(x)), approximate="tanh")
        return x + self.dropout(self.contract(y))


def linear(module, layer):
    """Yields the pairs of weights of a linear layer."""
    yield module.weight.T, layer.kernel
    if module.bias is not None:
        yield module.bias, layer.bias


def normalization(module, layer):
    """Yields the pairs of weights of a layer normalization."""
    yield module.weight, layer.gamma
    yield module.bias, layer.beta
