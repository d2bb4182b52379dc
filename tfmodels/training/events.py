"""TensorBoard event files of a run: `train/` curves, `validation/` curves and pictures, `test/`
final metrics. After a resume they show one curve: `truncate` drops the steps that will be redone.
"""

import json
import pathlib

import keras
import numpy as np
import PIL.Image
import tensorflow as tf
from tensorboard.compat.proto import event_pb2
from tensorboard.plugins import projector
from tensorboard.plugins.hparams import api as hparams

from tfmodels.training import files

_KEPT = "events.out.tfevents.0000000000.kept.v2"  # sorts before every file named by the clock
_RUNS = ("train", "validation", "test")


class Events:
    """Writes what TensorBoard shows of one run.

    Args:
        folder: the run's folder.
        step: steps done when writing starts; events of later steps, left by a killed process,
            are dropped.
    """

    def __init__(self, folder, step):
        self._folder = pathlib.Path(folder)
        self._writers = {}
        for run in _RUNS:
            truncate(self._folder / run, step)
        files.sweep(self._folder)

    def scalars(self, run, values, step):
        """Logs a dict of numbers in `run` (train, validation or test) at `step`."""
        with self._writer(run).as_default(step):
            for name, value in values.items():
                tf.summary.scalar(name, value)

    def image(self, run, tag, picture, step):
        """Logs a uint8 [H, W, C] picture and writes it to samples/ as a PNG."""
        picture = np.asarray(picture)
        with self._writer(run).as_default(step):
            tf.summary.image(tag, picture[None])
        save_png(self._sample(tag, step, "png"), picture)

    def text(self, run, tag, text, step):
        """Logs Markdown text; that of a validation is written to samples/ too."""
        with self._writer(run).as_default(step):
            tf.summary.text(tag, text)
        if run == "validation":
            with files.replacing(self._sample(tag, step, "md"), text=True) as file:
                file.write(text + "\n")

    def _sample(self, tag, step, ending):
        """Returns the path of a file in samples/, whose folder is made."""
        folder = self._folder / "samples"
        folder.mkdir(exist_ok=True)
        return folder / f"{tag}-{step:08d}.{ending}"

    def graphs(self, model, function):
        """Logs the operations of `function` and the Keras graph of the model.

        Of a model that is not functional it logs that of each functional model it holds. The
        Graphs page opens on the operations, and shows an error for a run that has none.
        """
        with self._writer("train").as_default(0):
            tf.summary.graph(function.get_concrete_function().graph)
        inner = {name: value for name, value in vars(model).items()
                 if isinstance(value, keras.Model)}
        for name, part in ({"keras": model} if hasattr(model, "input_shape") else inner).items():
            metadata = tf.compat.v1.SummaryMetadata()
            metadata.plugin_data.plugin_name = "graph_keras_model"
            metadata.plugin_data.content = b"1"
            with self._writer("train").as_default(0):
                tf.summary.write(name, _graph_json(part), metadata=metadata)

    def hyperparameters(self, settings):
        """Logs the settings; the HParams table shows them beside the scalars of `test`.

        No `hparams_config` is written: TensorBoard would use the first that it finds for all runs,
        and so drop the columns of every other experiment.
        """
        with self._writer("test").as_default(0):
            hparams.hparams(settings, trial_id="/".join(self._folder.parts[-2:]))

    def embedding(self, run, tag, vectors, labels, thumbnails=None):
        """Writes vectors [N, D] for the Projector, with a label and a thumbnail of each.

        Args:
            thumbnails: uint8 [N, H, W, C], shown as a sprite image.
        """
        self._writer(run)  # the Projector lists only folders that hold an event file
        folder = self._folder / run
        with files.replacing(folder / f"{tag}-vectors.tsv") as file:
            np.savetxt(file, vectors, fmt="%.6g", delimiter="\t")
        with files.replacing(folder / f"{tag}-labels.tsv", text=True) as file:
            file.write("\n".join(labels) + "\n")
        config = projector.ProjectorConfig()
        entry = config.embeddings.add(tensor_name=tag, tensor_path=f"{tag}-vectors.tsv",
                                      metadata_path=f"{tag}-labels.tsv")
        if thumbnails is not None:
            side = int(np.ceil(np.sqrt(len(thumbnails))))
            blank = np.zeros((side * side - len(thumbnails), *thumbnails.shape[1:]), np.uint8)
            sprite = np.concatenate([thumbnails, blank])
            _, height, width, channels = sprite.shape
            sprite = sprite.reshape(side, side, height, width, channels).swapaxes(1, 2)
            save_png(folder / f"{tag}-sprite.png",
                     sprite.reshape(side * height, side * width, channels))
            entry.sprite.image_path = f"{tag}-sprite.png"
            entry.sprite.single_image_dim.extend([width, height])
        with files.replacing(folder / "projector_config.pbtxt", text=True) as file:
            file.write(str(config))

    def flush(self):
        """Puts all that was logged on disk; a checkpoint counts only after this."""
        for writer in self._writers.values():
            writer.flush()

    def close(self):
        """Flushes and ends writing."""
        for writer in self._writers.values():
            writer.close()

    def _writer(self, run):
        if run not in self._writers:
            self._writers[run] = tf.summary.create_file_writer(str(self._folder / run))
        return self._writers[run]


def _graph_json(model):
    """Returns a functional model as the JSON that TensorBoard can draw.

    Its Graphs page fails at an operation with a plain number among its inputs: those are left out.
    """
    def tensors(args):
        return [tensors(arg) if isinstance(arg, list) else arg for arg in args
                if isinstance(arg, (dict, list))]

    def simplify(config):
        for layer in config.get("layers", ()):
            for node in layer.get("inbound_nodes", ()):
                node["args"] = tensors(node["args"])
            simplify(layer["config"])

    description = json.loads(model.to_json())
    simplify(description["config"])
    return json.dumps(description)


def truncate(folder, step):
    """Merges the event files of a folder into one that ends at `step`.

    Events of later steps are dropped, and so is a last event that was cut short. The merged file
    is renamed into place before the others are deleted, and starts with a session-start event,
    at which a running TensorBoard forgets what it had read.
    """
    written = sorted(folder.glob("events.out.tfevents.*"))
    if not written:
        return
    with (files.replacing(folder / _KEPT, sync=True) as kept,
          tf.io.TFRecordWriter(kept.name) as writer):
        writer.write(event_pb2.Event(file_version="brain.Event:2").SerializeToString())
        start = event_pb2.Event(step=0)
        start.session_log.status = event_pb2.SessionLog.START
        writer.write(start.SerializeToString())
        seen = set()
        for file in written:
            for record in _records(file):
                event = event_pb2.Event.FromString(record)
                content = event.HasField("summary") or event.HasField("graph_def")
                if content and event.step <= step and record not in seen:
                    seen.add(record)
                    writer.write(record)
    for file in written:
        if file.name != _KEPT:
            file.unlink()


def _records(path):
    """Yields the whole records of an event file, up to one that is cut short or damaged."""
    try:
        for record in tf.data.TFRecordDataset(str(path)):
            yield record.numpy()
    except tf.errors.DataLossError:
        return


def save_png(path, picture):
    """Writes a uint8 [H, W, C] picture (C is 1 to 4) as a PNG, whole or not at all."""
    mode = picture[..., 0] if picture.shape[-1] == 1 else picture
    with files.replacing(path) as file:
        PIL.Image.fromarray(mode).save(file, "PNG")
