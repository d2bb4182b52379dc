"""The pages that classify texts as a PyTorch user writes them; see `benchmarks.peers.torch_gpt`."""

import torch
from torch import nn
from torch.nn.utils import rnn

from benchmarks.peers.torch_gpt import linear, normalization
from tfmodels.layers.attention import attention_layers

# In evaluation it takes fused kernels that treat a text without words in another way.
torch.backends.mha.set_fastpath_enabled(False)


class Classifier(nn.Module):
    """What the pages share: hidden words, vectors of words, the mean of what a network says.

    Args:
        page: a model; every size is read from it.
    """

    def __init__(self, page):
        super().__init__()
        embed = page.get_layer("tokens")
        self.hidden = page.get_layer("token_dropout").rate
        self.tokens = nn.Embedding(embed.input_dim, embed.output_dim)
        self.dropout = nn.Dropout(next(layer.rate for layer in page.layers
                                       if layer.name.startswith("dropout")))

    def forward(self, tokens):
        """Maps tokens [B, T] to logits [B, C]."""
        tokens = tokens[:, :max(1, int((tokens != 0).sum(1).max()))]
        if self.training:
            tokens = tokens.masked_fill(torch.rand(tokens.shape) < self.hidden, 0)
        x, tokens = self.encode(tokens)
        real = (tokens != 0)[..., None].float()
        return self.logits(self.dropout((x * real).sum(1) / real.sum(1).clamp(min=1)))

    def groups(self, decay):
        """Returns the parameters with their weight decay."""
        return [{"params": [p for p in self.parameters() if p.requires_grad],
                 "weight_decay": decay}]


class Transformer(Classifier):
    """The page `transformer`, of PyTorch's own encoder."""

    def __init__(self, page):
        super().__init__(page)
        attends, positions = attention_layers(page), page.get_layer("positions")
        width = self.tokens.embedding_dim
        self.positions = nn.Embedding(positions.context, width)
        self.blocks = nn.ModuleList(nn.TransformerEncoderLayer(
            width, attend.heads, 4 * width, self.dropout.p, batch_first=True, norm_first=True,
            layer_norm_eps=1e-3) for attend in attends)
        for block in self.blocks:  # the page drops neither attention's weights nor hidden units
            block.self_attn.dropout, block.dropout = 0.0, nn.Identity()
        self.norm = nn.LayerNorm(width, 1e-3)
        self.logits = nn.Linear(width, page.output_shape[-1])

    def encode(self, tokens):
        """Maps tokens [B, T] to vectors [B, T, D]; returns the tokens, too."""
        x = self.dropout(self.tokens(tokens) + self.positions(torch.arange(tokens.shape[1])))
        # Not a mask of booleans: a text without words has nothing to look at.
        padding = torch.zeros(tokens.shape).masked_fill(tokens == 0, -1e9)
        for block in self.blocks:
            x = block(x, src_key_padding_mask=padding)
        return self.norm(x), tokens

    def weights(self, page):
        """Yields the pairs of weights."""
        layer = page.get_layer
        yield self.tokens.weight, layer("tokens").embeddings
        yield self.positions.weight, layer("positions").table
        yield from normalization(self.norm, layer("encoder_norm"))
        yield from linear(self.logits, layer("logits"))
        for number, block in enumerate(self.blocks):
            attend, name = layer(f"block_{number}_attention"), f"block_{number}"
            yield block.self_attn.in_proj_weight.T, attend.project.kernel
            yield block.self_attn.in_proj_bias, attend.project.bias
            yield from linear(block.self_attn.out_proj, attend.combine)
            yield from normalization(block.norm1, layer(f"{name}_attention_norm"))
            yield from normalization(block.norm2, layer(f"{name}_mlp_norm"))
            yield from linear(block.linear1, layer(f"{name}_expand"))
            yield from linear(block.linear2, layer(f"{name}_contract"))


class Rnn(Classifier):
    """The page `rnn`. PyTorch's LSTMs have a second bias, which is left at 0."""

    def __init__(self, page):
        super().__init__(page)
        found = [layer for layer in page.layers if layer.name.startswith("lstm_")]
        units = [layer.forward_layer.units for layer in found]
        inputs = [self.tokens.embedding_dim, *(2 * count for count in units)]
        self.lstms = nn.ModuleList(
            nn.LSTM(size, count, batch_first=True, bidirectional=True)
            for size, count in zip(inputs, units, strict=False))
        for name, parameter in self.named_parameters():
            if "bias_hh" in name:
                parameter.requires_grad_(False).zero_()
        self.logits = nn.Linear(inputs[-1], page.output_shape[-1])

    def encode(self, tokens):
        """Maps tokens [B, T] to states [B, T, 2 U] of the words that are left; returns these."""
        order = torch.argsort((tokens == 0).int(), dim=1, stable=True)  # hidden words go last
        tokens = tokens.gather(1, order)
        lengths, x = (tokens != 0).sum(1).clamp(min=1), self.tokens(tokens)
        for lstm in self.lstms:
            packed = rnn.pack_padded_sequence(self.dropout(x), lengths, batch_first=True,
                                              enforce_sorted=False)
            x, _ = rnn.pad_packed_sequence(lstm(packed)[0], batch_first=True,
                                           total_length=tokens.shape[1])
        return x, tokens

    def weights(self, page):
        """Yields the pairs of weights; Keras' gates are in PyTorch's order."""
        yield self.tokens.weight, page.get_layer("tokens").embeddings
        yield from linear(self.logits, page.get_layer("logits"))
        for number, lstm in enumerate(self.lstms):
            both = page.get_layer(f"lstm_{number}")
            for suffix, layer in (("l0", both.forward_layer), ("l0_reverse", both.backward_layer)):
                yield getattr(lstm, f"weight_ih_{suffix}").T, layer.cell.kernel
                yield getattr(lstm, f"weight_hh_{suffix}").T, layer.cell.recurrent_kernel
                yield getattr(lstm, f"bias_ih_{suffix}"), layer.cell.bias
