"""The flags beside an experiment's settings. Imports no TensorFlow."""

import dataclasses

from tfmodels import config


@dataclasses.dataclass(frozen=True)
class Launcher:
    """What to do, and where."""

    experiment: str = config.field("", "which experiment; --list shows them")
    mode: str = config.field("train", "what to do with a run",
                             choices=("train", "inspect", "evaluate", "sample", "chat",
                                      "export", "reproduce"))
    logdir: str = config.field("runs", "folder of all runs; TensorBoard's --logdir")
    run: str = config.field(
        "", "name of the run; train's default is the date and time, the other modes take "
        "EXPERIMENT/NAME too")
    overwrite: bool = config.field(False, "start the run afresh; what it holds is deleted once "
                                   "the new one is built and checked")
    samples: str = config.field(
        "", "folder of PNGs or .npz of generated images, from anywhere, that --mode=evaluate "
        "scores against the test split of --dataset")
    out: str = config.field("", "file that --mode=sample writes (default: a picture in the run "
                            "folder; texts are printed), or --samples' scores as JSON")
    format: str = config.field(
        "saved_model", "what --mode=export writes: the next version as a SavedModel, or beside the "
        "newest one the same weights for LiteRT or ONNX, opened there and scored",
        choices=("saved_model", "litert", "onnx"))
    list: bool = config.field(False, "show every experiment and exit")
    help: bool = config.field(False, "show the flags and exit")


@dataclasses.dataclass(frozen=True)
class Inspected(config.Images, config.Texts, config.Pairs, config.Config):
    """How --mode=inspect reads a data set where no experiment says it."""

    target: str = config.field("auto", "what the label of a table is: a number, a class, or as its "
                               "values tell", choices=("auto", "number", "class"))


@dataclasses.dataclass(frozen=True)
class Sampling:
    """What --mode=sample draws or writes, and how --mode=chat answers.

    In these modes these names mean nothing else.
    """

    count: int = config.field(64, "images to draw, or texts to write (of those 1 if not given)",
                              minimum=1, maximum=10_000)
    sample_seed: int = config.field(0, "decides what is drawn or written", minimum=0,
                                    maximum=2**31 - 1)
    labels: str = config.field(
        "", "classes to draw, by name, separated by commas (conditional generators; default: any)")
    prompt: str = config.field("", "text that a language model continues, or that is translated or "
                               "answered")
    length: int = config.field(200, "tokens to write after the prompt", minimum=1,
                               maximum=100_000)
    temperature: float = config.field(
        0.8, "below 1 makes likely tokens likelier, 0 always takes the likeliest, as chat does if "
        "not told otherwise", minimum=0)
    top_k: int = config.field(0, "only so many of the likeliest tokens may come (0: all)",
                              minimum=0, maximum=2**31 - 1)
    top_p: float = config.field(1.0, "only the fewest tokens with this probability together may "
                                "come", above=0, maximum=1)
