"""Which flags help against an error: library code knows the fault, only the launcher the flags."""

from tfmodels.errors import SettingError

_REMEDIES = {
    "gentler": "Try a smaller --learning_rate or --precision=float32",
    "another start": "Try another --seed or smaller learning rates, or --on_collapse=rollback",
    "smaller": "Try a smaller --batch_size or model, a smaller --memory_limit, or "
               "--precision=mixed_bfloat16",
    "writable": "Choose a writable folder with --logdir",
    "another run": "Choose another --run",
    "same data": "Give the --data_dir that holds it, or --overwrite",
    "same settings": "Repeat the first command, choose another --run, or --overwrite",
    "afresh": "Choose another --run, or start afresh with --overwrite",
    "export": "Make one with --mode=export",
    "label column": "Name the column with --label_column",
    "text column": "Name it with --text_column",
    "source column": "Name it with --source_column",
    "target column": "Name it with --target_column",
    "image column": "Name it with --image_column",
    "image size": "Bring them to one with --image_size, such as --image_size=64",
    "split names": "Say it with --split=train=NAME,test=NAME",
    "data folder": "Name with --data_dir a folder that can be written, or holds a prepared copy",
}


def message(fault):
    """Returns what a `UserError` says, with the flags that help."""
    said = f"flag --{fault}" if isinstance(fault, SettingError) else str(fault)
    return f"{said}. {_REMEDIES[fault.remedy]}" if fault.remedy else said
