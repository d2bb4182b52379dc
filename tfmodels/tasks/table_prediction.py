"""Prediction from the rows of a table: a class or a number."""

import dataclasses
import json

import numpy as np
import tensorflow as tf

from tfmodels.data.parts import parts
from tfmodels.data.sources import Examples
from tfmodels.evaluation import (
    baselines,
    classification,
    held_out,
    regression,
    table_baselines,
)
from tfmodels.export.named_signature import NamedSignature, input_names
from tfmodels.tasks.portable import Portable, function
from tfmodels.tasks.task import Task
from tfmodels.tokens.categories import Categories

_BATCH = 4096  # rows that are answered at a time


@dataclasses.dataclass(frozen=True)
class Rows(Examples):
    """Rows of a table; where a batch would hold more than there are, it holds all of them."""

    def batches(self, batch_size, seed):
        """As of `Examples`."""
        if batch_size > self.split.size:
            print(f"batch_size={batch_size}: each step takes all {self.split.size:,} training rows",
                  flush=True)
        return super().batches(min(batch_size, self.split.size), seed)


def table_prediction(model, statistics, data):
    """Makes the task of a compiled model of a table.

    Args:
        model: functional, compiled; {"numbers": float32 [B, n], "categories": int32 [B, m]}, as of
            `models.tabular`, -> logits [B, classes]; or [B, 1], the value in units of its spread.
        statistics: `Statistics` of the training rows.
        data: a `Dataset` with columns, and label or value.

    Returns:
        A `Task`; its baselines are the majority class or the mean, a linear model and gradient
        boosting.
    """
    table = _Table(model, statistics, data)
    train, validation = data.splits["train"], data.splits["validation"]
    predict = _Classes(table) if data.class_names else _Numbers(table)

    def evaluate(signatures, split):
        arrays = held_out.examples(split)
        return predict.scores(table.answers(signatures, arrays), arrays)

    def final(signatures, split):
        return {"metrics": evaluate(signatures, split), "notes": held_out.notes(split)}

    def show(events, step):
        arrays = held_out.examples(validation)
        predict.show(events, step, table.answers(table.signatures, arrays), arrays)

    def compare(split):
        examples = (baselines.first_examples(train), *map(held_out.examples, (validation, split)))
        part = held_out.fitted_on(len(next(iter(examples[0].values()))), train.size)
        return predict.floor(examples) | {
            "linear": lambda: table_baselines.linear(*examples) | part,
            "gradient_boosting": lambda: table_baselines.gradient_boosting(*examples) | part}

    table.signatures = {"serving_default": NamedSignature(
        lambda columns: predict.serve(table.outputs(columns)), table.specs())}
    def outputs(**rows):
        return {name: value for name, value in predict.serve(
            tf.cast(model(rows), tf.float32)).items() if value.dtype != tf.string}
    portable = Portable(
        {"serving_default": function(outputs, **{
            name: ([None, given.shape[1]], given.dtype) for name, given in model.input.items()})},
        lambda found: {"serving_default": lambda **columns: found["serving_default"](
            **table.rows(columns))},
        table.files())
    return Task(model=model, data=data, source=Rows(train, table.encode), prepare=predict.prepare,
                signatures=table.signatures, portable=portable, evaluate=evaluate, final=final,
                baselines=compare, show={"predictions": show},
                tables=tuple(table.categories.tables))


class _Table:
    """How rows become what the model takes."""

    def __init__(self, model, statistics, data):
        self.model, self.statistics = model, statistics
        self.categories = Categories(statistics.categories)
        self.data, self.columns = data, data.columns
        names = [*self.columns.numbers, *self.columns.categories]
        inputs = input_names(names)
        count = len(self.columns.numbers)
        self._numbers, self._categories = inputs[:count], inputs[count:]
        renamed = [f"{name!r} as {given}" for name, given in zip(names, inputs, strict=True)
                   if name != given]
        if renamed:
            print(f"the export takes {', '.join(renamed[:12])}"
                  + (f" and {len(renamed) - 12:,} more" if len(renamed) > 12 else ""), flush=True)

    def specs(self):
        """Returns what the export takes: a column each, by name."""
        return [tf.TensorSpec([None], dtype, name) for dtype, names in (
            (tf.float32, self._numbers), (tf.string, self._categories)) for name in names]

    def files(self):
        """Returns {"columns.json": the columns, and of each category's ids what they mean}."""
        return {"columns.json": json.dumps({
            "numbers": self._numbers,
            "categories": {name: table.get_vocabulary() for name, table in zip(
                self._categories, self.categories.tables, strict=True)},
            "classes": list(self.data.class_names)}, indent=1, ensure_ascii=False) + "\n"}

    def encode(self, batch):
        """Returns a batch with categories as ids."""
        if "categories" not in batch:
            return batch
        return batch | {"categories": self.categories(batch["categories"])}

    def outputs(self, columns):
        """Returns what the model gives for raw columns {name: [B]}, float32 [B, outputs]."""
        return tf.cast(self.model(self.rows(columns)), tf.float32)

    def rows(self, columns):
        """Returns raw columns {name: [B]} as what the model takes."""
        return self.encode({kind: tf.stack([columns[name] for name in names], 1)
                            for kind, names in (("numbers", self._numbers),
                                                ("categories", self._categories)) if names})

    def answers(self, signatures, arrays):
        """Returns {name: array [N, …]} of what `serving_default` answers for examples."""
        named = {name: arrays[kind][:, place] for kind, names in (
            ("numbers", self._numbers), ("categories", self._categories))
            for place, name in enumerate(names)}
        serve = signatures["serving_default"]
        answers = [serve(**{name: tf.constant(values) for name, values in zip(
            named, some, strict=True)}) for _, *some in parts(_BATCH, *named.values())]
        return {name: np.concatenate([answer[name].numpy() for answer in answers])
                for name in answers[0]}

    def row(self, arrays, index):
        """Returns a row as one line of text."""
        cells = [f"{name} {arrays['numbers'][index, place]:g}"
                 for place, name in enumerate(self.columns.numbers)]
        cells += [f"{name} {arrays['categories'][index, place].decode(errors='replace')}"
                  for place, name in enumerate(self.columns.categories)]
        return ", ".join(cells)[:500]


class _Classes:
    """A class is predicted."""

    def __init__(self, table):
        self._table, self._names = table, table.data.class_names
        self._learnt, _ = classification.check_classes(table.data)

    def prepare(self, batch, _):
        return {name: batch[name] for name in self._table.model.input}, batch["label"]

    def serve(self, logits):
        label = tf.argmax(logits, -1)
        return {"logits": logits, "probabilities": tf.nn.softmax(logits), "label": label,
                "class_name": tf.gather(tf.constant(self._names), label)}

    def scores(self, answers, arrays):
        found = classification.answers(answers["probabilities"], arrays["label"])
        return classification.scores(found, arrays["label"], self._learnt)

    def floor(self, examples):
        return {"majority_class": lambda: baselines.majority_class(
            examples[0]["label"], examples[-1]["label"])}

    def show(self, events, step, answers, arrays):
        labels = arrays["label"]
        found = classification.answers(answers["probabilities"], labels)
        events.image("validation", "confusion_matrix", classification.confusion_picture(
            found.predicted, labels, self._names), step)
        worst = classification.worst_mistakes(found, labels)
        captions = classification.mistake_captions(found, labels, self._names, worst)
        events.text("validation", "worst_mistakes", "\n".join(
            f"- **{caption}**: {self._table.row(arrays, index)}"
            for caption, index in zip(captions, worst, strict=True)) or "none", step)


class _Numbers:
    """A number is predicted, in units of its spread in training from its mean there."""

    def __init__(self, table):
        self._table = table
        self._mean, self._spread = table.statistics.value_mean, table.statistics.value_spread

    def prepare(self, batch, _):
        scaled = (batch["value"] - self._mean) / self._spread
        return {name: batch[name] for name in self._table.model.input}, scaled[:, None]

    def serve(self, outputs):
        return {"value": outputs[:, 0] * self._spread + self._mean}

    def scores(self, answers, arrays):
        return regression.scores(answers["value"], arrays["value"], self._spread)

    def floor(self, examples):
        return {"mean_value": lambda: table_baselines.mean_value(
            examples[0]["value"], examples[-1]["value"])}

    def show(self, events, step, answers, arrays):
        predicted, values, name = answers["value"], arrays["value"], self._table.columns.target
        events.image("validation", "predictions", regression.scatter(
            predicted, values, f"{name}: predicted (upwards) against true"), step)
        events.text("validation", "largest_errors", "\n".join(
            f"- **{values[index]:g} > {predicted[index]:g}**: {self._table.row(arrays, index)}"
            for index in regression.largest_errors(predicted, values)), step)
