"""TensorBoard event files of a run: `train/` curves, `validation/` curves and pictures, `test/`
final metrics. After a resume they show one curve: the steps that will be redone are dropped.

Everything is logged by its plain name; `tags` says what TensorBoard shows it as.
"""

import json
import pathlib
import re
import textwrap

import keras
import numpy as np
import PIL.Image
import tensorflow as tf
from tensorboard.plugins import projector
from tensorboard.plugins.hparams import api as hparams
from tensorboard.plugins.image import metadata as image_metadata

from tfmodels import files
from tfmodels.evaluation import pictures
from tfmodels.training import tags
from tfmodels.training.event_files import truncate

_FRAMES = 40  # most of an animation
_LONGEST = 3000  # pixels of a picture's side; a grid of 15 large images would have 3,800
_LINE = 110  # characters of code that the Text page shows side by side
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

    def scalars(self, run, values, step):
        """Logs a dict of numbers in `run` (train, validation or test) at `step`."""
        with self._writer(run).as_default(step):
            for name, value in values.items():
                tag, description = tags.tag_of(tags.SCALARS, name)
                tf.summary.scalar(tag, value, description=description)

    def image(self, run, name, picture, step):
        """Logs a uint8 [H, W, C] picture and writes it to samples/ as a PNG; smaller, if huge."""
        picture = pictures.thumbnails(np.asarray(picture)[None], _LONGEST)[0]
        tag, description = tags.tag_of(tags.PICTURES, name)
        with self._writer(run).as_default(step):
            tf.summary.image(tag, picture[None], description=description)
        save_png(self._sample(name, step, "png"), picture)

    def animation(self, run, name, step):
        """Logs the pictures of a name in samples/, up to `step`, as one GIF, written there too.

        Of fewer than two nothing is made.
        """
        samples = self._folder / "samples"
        named = (re.fullmatch(rf"{name}-(\d{{8,}})\.png", path.name) for path in samples.glob("*"))
        steps = sorted(int(match[1]) for match in named if match)
        steps = pictures.evenly([at for at in steps if at <= step], _FRAMES)
        if len(steps) < 2:
            return
        content, size = pictures.animation(
            (PIL.Image.open(self._sample(name, at, "png")) for at in steps),
            [f"step {at:,}" for at in steps])
        with files.replacing(samples / f"{name}.gif") as file:
            file.write(content)
        tag, description = tags.tag_of(tags.PICTURES, f"{name}_over_steps")
        metadata = image_metadata.create_summary_metadata(
            display_name=None, description=description)
        with self._writer(run).as_default(step):
            tf.summary.write(tag, tf.constant([*map(str, size), content]), metadata=metadata)

    def text(self, run, name, text, step):
        """Logs Markdown text; that of a validation is written to samples/ too."""
        tag, description = tags.tag_of(tags.TEXTS, name)
        with self._writer(run).as_default(step):
            tf.summary.text(tag, _with_short_lines(text), description=description)
        if run == "validation":
            with files.replacing(self._sample(name, step, "md"), text=True) as file:
                file.write(text + "\n")

    def _sample(self, name, step, ending):
        """Returns the path of a file in samples/, whose folder is made."""
        folder = self._folder / "samples"
        folder.mkdir(exist_ok=True)
        return folder / f"{name}-{step:08d}.{ending}"

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


def _with_short_lines(text):
    """Returns Markdown with the long lines of code broken, which TensorBoard would cut off."""
    lines, code = [], False
    for line in text.split("\n"):
        code ^= line.startswith("```")
        broken = code and textwrap.wrap(line, _LINE, subsequent_indent="  ",
                                        replace_whitespace=False)
        lines += broken or [line]
    return "\n".join(lines)


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


def save_png(path, picture):
    """Writes a uint8 [H, W, C] picture (C is 1 to 4) as a PNG, whole or not at all."""
    mode = picture[..., 0] if picture.shape[-1] == 1 else picture
    with files.replacing(path) as file:
        PIL.Image.fromarray(mode).save(file, "PNG")
