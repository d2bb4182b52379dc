"""Image classification: one label per image."""

import tensorflow as tf

from tfmodels.data.batches import training_batches
from tfmodels.evaluation import baselines, classification, pictures
from tfmodels.tasks.task import Task


def image_classification(model, data, *, batch_size, seed, memory_limit, augment=None):
    """Makes the task of a compiled image classifier.

    Args:
        model: functional, compiled; uint8 [B, H, W, C] -> logits [B, classes].
        data: a `Dataset` with image and label.
        batch_size: examples in a training step.
        seed: of the order of examples.
        memory_limit: bytes of decoded training data to keep in memory.
        augment: (uint8 [B, H, W, C], seed int64 [2]) -> uint8 [B, H, W, C], or None.

    Returns:
        A `Task`; its baseline is logistic regression on the pixels.
    """
    classification.check_classes(data)
    train, validation = data.splits["train"], data.splits["validation"]
    names = data.class_names

    def prepare(batch, seed):
        images = augment(batch["image"], seed) if augment else batch["image"]
        return images, batch["label"]

    def evaluate(signatures, split):
        arrays = split.arrays()
        probabilities = classification.predict(signatures, arrays["image"])
        return classification.scores(probabilities, arrays["label"])

    def show_mistakes(events, step):
        arrays = validation.arrays()
        images, labels = arrays["image"], arrays["label"]
        probabilities = classification.predict(signatures, images)
        events.image("validation", "confusion_matrix",
                     classification.confusion_picture(probabilities, labels, names), step)
        worst = classification.worst_mistakes(probabilities, labels)
        if len(worst):
            captions = classification.mistake_captions(probabilities, labels, names, worst)
            events.image("validation", "worst_mistakes",
                         pictures.captioned(images[worst], captions), step)

    def compare(split):
        examples = [(part["image"], part["label"]) for part in (
            train.head(baselines.TRAINED_ON), validation.arrays(), split.arrays())]
        return {"logistic_regression": lambda: baselines.logistic_regression(*examples)}

    signatures = {"serving_default": classifier_signature(
        model, tf.TensorSpec([None, *data.image_shape], tf.uint8, "inputs"), names)}
    return Task(model=model, data=data, prepare=prepare, signatures=signatures, evaluate=evaluate,
                baselines=compare, show={"mistakes": show_mistakes},
                batches=training_batches(train, batch_size, seed, memory_limit=memory_limit))


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
        logits = tf.cast(logits_of(inputs), tf.float32)
        label = tf.argmax(logits, -1)
        return {"logits": logits, "probabilities": tf.nn.softmax(logits), "label": label,
                "class_name": tf.gather(tf.constant(class_names), label)}
    return serve
