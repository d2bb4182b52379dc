"""Text classification: one label per text."""

import tensorflow as tf

from tfmodels.data.sources import Examples
from tfmodels.evaluation import baselines, classification, held_out, pictures
from tfmodels.tasks.image_classification import (
    answers_of,
    classifier_signature,
    labels_file,
)
from tfmodels.tasks.portable import Portable, function, unrolled, vocabulary_file
from tfmodels.tasks.task import Task
from tfmodels.tokens import cut as cut_texts
from tfmodels.tokens.sequences import token_counts, trimmed


def text_classification(model, tokenize, data, *, prepare=None, attention=None, examples=4):
    """Makes the task of a compiled text classifier.

    Args:
        model: functional, compiled; int32 tokens [B, T] -> logits [B, classes].
        tokenize: layer with the vocabulary; string [B] -> int32 [B, T], 0 for padding.
        data: a `Dataset` with text and label.
        prepare: as of `Task`, of batches {"tokens": int32 [B, T], "label": int32 [B]}; by default
            the tokens without the columns that are padding, and the labels.
        attention: tokens [B, T] -> {block: attention weights [B, heads, T, T]}, the first to be
            drawn, as of `layers.attention.attention_model`; or None.
        examples: how many validation texts have their attention drawn.

    Returns:
        A `Task`; its baselines are the majority class and a linear SVM on TF-IDF.
    """
    learnt, notes = classification.check_classes(data)
    train, validation = data.splits["train"], data.splits["validation"]
    names, answering = data.class_names, classification.Answering("text")
    vocabulary = tokenize.get_vocabulary()
    length = tokenize.get_config()["output_sequence_length"]
    cut = cut_texts.note(train.texts(), cut_texts.longer_than(length), "training texts", length)

    def encode(batch):
        return {"tokens": tf.cast(tokenize(batch["text"]), tf.int32), "label": batch["label"]}

    def as_they_are(batch, _):
        return trimmed(batch["tokens"]), batch["label"]

    def evaluate(signatures, split):
        return classification.scores(answering.to(signatures, split),
                                     held_out.examples(split)["label"], learnt)

    def final(signatures, split):
        return {"metrics": evaluate(signatures, split), "notes": [
            *cut, *held_out.notes(split), *([notes["test"]] if "test" in notes else [])]}

    def show_mistakes(events, step):
        arrays = held_out.examples(validation)
        texts, labels = arrays["text"], arrays["label"]
        found = answering.just_given(signatures, validation)
        events.image("validation", "confusion_matrix",
                     classification.confusion_picture(found.predicted, labels, names), step)
        worst = classification.worst_mistakes(found, labels)
        captions = classification.mistake_captions(found, labels, names, worst)
        events.text("validation", "worst_mistakes", "\n".join(
            f"- **{caption}**: {texts[index].decode(errors='replace')}"
            for caption, index in zip(captions, worst, strict=True)) or "none", step)

    def show_attention(events, step):
        for number, text in enumerate(validation.head(examples)["text"]):
            events.image("validation", f"attention_{number}", attention_picture(text), step)

    def attention_picture(text):
        tokens = encode({"text": tf.constant([text]), "label": tf.constant([0])})["tokens"]
        words = [vocabulary[token] for token in tokens[0].numpy() if token]
        weights = next(iter(attention(tokens).values()))  # of the first block
        return pictures.attention(weights[0], words)

    def compare(split):
        examples = [(part["text"], part["label"]) for part in (
            baselines.first_examples(train), *map(held_out.examples, (validation, split)))]
        return {
            "majority_class": lambda: baselines.majority_class(examples[0][1], examples[-1][1]),
            "tfidf_linear_svm": lambda: baselines.tfidf_svm(*examples, of=train.size)}

    signatures = {"serving_default": classifier_signature(
        lambda texts: model(tokenize(texts)), tf.TensorSpec([None], tf.string, "inputs"), names)}
    def numbers(tokens):
        with unrolled(model):
            return answers_of(model(tokens))
    portable = Portable(
        {"serving_default": function(numbers, tokens=([None, length], tf.int32))},
        lambda found: {"serving_default": lambda inputs: found["serving_default"](
            tokens=tf.cast(tokenize(inputs), tf.int32))},
        labels_file(names) | vocabulary_file(vocabulary))
    show = {"mistakes": show_mistakes} | ({"attention": show_attention} if attention else {})
    return Task(model=model, data=data, source=Examples(train, encode, token_counts),
                prepare=prepare or as_they_are, signatures=signatures, portable=portable,
                evaluate=evaluate,
                final=final, baselines=compare, show=show, vocabulary=tuple(vocabulary),
                tables=(tokenize,))
