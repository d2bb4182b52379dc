"""PyTorch's side: the same networks, written and trained in eager mode as a PyTorch user does.

float32, PyTorch's own layers and AdamW with the page's settings, and with the schedule of the
learning rate that `benchmarks.speed` chooses; the data become tensors once, and a batch is
gathered by its rows of shuffled epochs, which costs less than a DataLoader. It starts from the
page's weights and is scored in the page's own model.
"""

import dataclasses
import functools

import keras
import numpy as np
import torch
from torch.nn import functional

from benchmarks.peers.keras_io_gpt import token_stream
from benchmarks.peers.torch_classifiers import Rnn, Transformer
from benchmarks.peers.torch_gpt import GPT
from benchmarks.speed.measure import Epochs, Side, measured
from tfmodels.launcher import building


class TorchSide(Side):
    """A network and its training step in PyTorch.

    Args:
        name: of the experiment.
        settings: its Config.
    """

    def __init__(self, name, settings):
        if name == "gpt":  # trained as nanoGPT is, whose AdamW costs less than Muon
            settings = dataclasses.replace(settings, optimizer="adamw")
        settings = dataclasses.replace(settings, precision="float32")
        self.task, _ = building.build_task(name, settings)
        torch.manual_seed(settings.seed)
        self.model, size, self._batch, self._loss = _KINDS[name](self.task)
        self.settings = "float32 eager"
        self._batch_size = settings.batch_size
        self._epochs = Epochs(size, settings.seed)
        self._rates = learning_rates(self.task.model.optimizer, settings.steps)
        self._optimizer = optimizer(self.task.model.optimizer, self.model.groups)
        self._clip = self.task.model.optimizer.global_clipnorm
        self._step = 0
        with torch.no_grad():
            for parameter, variable in self.model.weights(self.task.model):
                parameter.copy_(torch.from_numpy(variable.numpy()).reshape(parameter.shape))

    @property
    def parameters(self):
        """The number of trainable weights."""
        return sum(parameter.numel() for parameter in self.model.parameters()
                   if parameter.requires_grad)

    def train(self, steps):
        """Trains `steps` steps; returns their `Cost`."""
        batches = torch.from_numpy(self._epochs.rows(steps * self._batch_size)).split(
            self._batch_size)
        self.model.train()
        with measured(steps * self._batch_size) as cost:
            for rows in batches:
                for group in self._optimizer.param_groups:
                    group["lr"] = self._rates[self._step]
                *inputs, targets = self._batch(rows)
                loss = self._loss(self.model(*inputs), targets)
                self._optimizer.zero_grad(set_to_none=True)
                loss.backward()
                if self._clip:
                    torch.nn.utils.clip_grad_norm_(self.model.parameters(), self._clip)
                self._optimizer.step()
                self._step += 1
        return cost

    def score(self):
        """Scores the weights in the page's own model."""
        with torch.no_grad():
            for parameter, variable in self.model.weights(self.task.model):
                variable.assign(parameter.numpy().reshape(variable.shape))
        return super().score()


def learning_rates(page_optimizer, steps):
    """Returns the learning rate of each step of a Keras optimizer."""
    rate = page_optimizer._learning_rate
    if not isinstance(rate, keras.optimizers.schedules.LearningRateSchedule):
        return [float(rate)] * steps
    return [float(rate(step)) for step in range(steps)]


def optimizer(page_optimizer, groups):
    """Returns PyTorch's AdamW with the settings of a Keras Adam or AdamW.

    Args:
        page_optimizer: Keras'.
        groups: weight decay -> the parameters, as PyTorch takes them.
    """
    return torch.optim.AdamW(groups(page_optimizer.weight_decay or 0.0),
                             betas=(page_optimizer.beta_1, page_optimizer.beta_2),
                             eps=page_optimizer.epsilon)


# Each returns the network, the number of training examples, what gathers a batch (inputs and
# targets) by their rows, and the loss of outputs and targets.

def _gpt(task):
    network = GPT(task.model)
    stream = torch.from_numpy(token_stream(task)).long()
    window = torch.arange(network.context + 1)

    def batch(starts):
        windows = stream[starts[:, None] + window]
        return windows[:, :-1], windows[:, 1:]

    def loss(logits, targets):
        return functional.cross_entropy(logits.flatten(0, 1), targets.flatten())
    return network, len(stream) - network.context, batch, loss


def _classifier(network, task):
    network = network(task.model)
    smoothing = task.model.loss.smoothing
    tokenize, = task.tables
    arrays = task.data.splits["train"].arrays()
    tokens = torch.from_numpy(np.array(tokenize(arrays["text"].tolist()))).long()
    labels = torch.from_numpy(arrays["label"]).long()

    def batch(rows):
        return tokens[rows], labels[rows]

    def loss(logits, labels):
        return functional.cross_entropy(logits, labels, label_smoothing=smoothing)
    return network, len(labels), batch, loss


_KINDS = {"gpt": _gpt, "transformer": functools.partial(_classifier, Transformer),
          "rnn": functools.partial(_classifier, Rnn)}
