"""Optimizers of Transformers that write text: Muon for matrices, or AdamW for everything."""

import keras

_NOT_DECAYED = ["bias", "gamma", "beta"]


def muon(learning_rate, weight_decay, clip_norm):
    """Returns Muon for the blocks' matrices with AdamW for the rest.

    Muon makes the momentum of a matrix nearly orthogonal before it steps (Jordan et al., "Muon: An
    optimizer for hidden layers in neural networks", 2024), scaled so that AdamW's learning rate and
    weight decay fit it (Liu et al., "Muon is Scalable for LLM Training", arXiv:2502.16982, section
    2.2).

    Args:
        learning_rate: number or schedule.
        weight_decay: fraction of a weight taken away per step, times the learning rate.
        clip_norm: largest L2 norm of the gradients of a step.
    """
    optimizer = keras.optimizers.Muon(
        learning_rate, adam_beta_2=0.99, adam_weight_decay=weight_decay,
        exclude_layers=["positions"],  # tables named embeddings it knows itself
        weight_decay=weight_decay, global_clipnorm=clip_norm)
    optimizer.exclude_from_weight_decay(var_names=_NOT_DECAYED)
    return optimizer


def adamw(learning_rate, weight_decay, clip_norm):
    """Returns AdamW for everything; arguments as of `muon`."""
    optimizer = keras.optimizers.AdamW(learning_rate, beta_2=0.99, weight_decay=weight_decay,
                                       global_clipnorm=clip_norm)
    optimizer.exclude_from_weight_decay(var_names=_NOT_DECAYED)
    return optimizer
