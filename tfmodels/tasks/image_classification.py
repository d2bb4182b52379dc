"""Image classification: one label per image."""

import tensorflow as tf

from tfmodels.data.sources import Examples
from tfmodels.evaluation import baselines, classification, held_out, pictures
from tfmodels.tasks.portable import Portable, function
from tfmodels.tasks.task import Task


def image_classification(model, data, prepare=None):
    """Makes the task of a compiled image classifier.

    Args:
        model: functional, compiled; uint8 [B, H, W, C] -> logits [B, classes].
        data: a `Dataset` with image and label.
        prepare: as of `Task`, by default the image and its label as they are.

    Returns:
        A `Task`; its baseline is logistic regression on the pixels.
    """
    learnt, notes = classification.check_classes(data)
    train, validation = data.splits["train"], data.splits["validation"]
    names, answering = data.class_names, classification.Answering("image")

    def as_they_are(batch, _):
        return batch["image"], batch["label"]

    def evaluate(signatures, split):
        return classification.scores(answering.to(signatures, split),
                                     held_out.examples(split)["label"], learnt)

    def final(signatures, split):
        return {"metrics": evaluate(signatures, split),
                "notes": [*held_out.notes(split), *([notes["test"]] if "test" in notes else [])]}

    def show_mistakes(events, step):
        arrays = held_out.examples(validation)
        images, labels = arrays["image"], arrays["label"]
        found = answering.just_given(signatures, validation)
        events.image("validation", "confusion_matrix",
                     classification.confusion_picture(found.predicted, labels, names), step)
        worst = classification.worst_mistakes(found, labels, 10)
        if len(worst):
            captions = classification.mistake_captions(found, labels, names, worst)
            events.image("validation", "worst_mistakes",
                         pictures.captioned(images[worst], captions), step)

    def compare(split):
        examples = [(part["image"], part["label"]) for part in (
            baselines.first_examples(train), *map(held_out.examples, (validation, split)))]
        return {"logistic_regression": lambda: baselines.logistic_regression(
            *examples, of=train.size)}

    inputs = tf.TensorSpec([None, *data.image_shape], tf.uint8, "inputs")
    signatures = {"serving_default": classifier_signature(model, inputs, names)}
    portable = Portable(
        {"serving_default": function(lambda inputs: answers_of(model(inputs)),
                                     inputs=([None, *data.image_shape], tf.uint8))},
        files=labels_file(names))
    return Task(model=model, data=data, source=Examples(train), prepare=prepare or as_they_are,
                signatures=signatures, portable=portable, evaluate=evaluate, final=final,
                baselines=compare, show={"mistakes": show_mistakes})


def classifier_signature(logits_of, spec, class_names):
    """Returns the tf.function that serves a classifier.

    Args:
        logits_of: raw inputs -> logits [B, classes].
        spec: TensorSpec named `inputs`.
        class_names: names of the classes.

    Returns:
        inputs -> {logits: float32 [B, classes], probabilities: float32 [B, classes],
        label: int64 [B], class_name: string [B]}.
    """
    @tf.function(input_signature=[spec], autograph=False)
    def serve(inputs):
        answer = answers_of(logits_of(inputs))
        return answer | {"class_name": tf.gather(tf.constant(class_names), answer["label"])}
    return serve


def labels_file(class_names):
    """Returns {"labels.txt": a class on each line}, as runtimes for devices expect."""
    return {"labels.txt": "".join(f"{name}\n" for name in class_names)}


def answers_of(logits):
    """Returns what a classifier answers in numbers: logits, probabilities, label."""
    logits = tf.cast(logits, tf.float32)
    return {"logits": logits, "probabilities": tf.nn.softmax(logits),
            "label": tf.argmax(logits, -1)}
