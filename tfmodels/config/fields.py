"""Settings as fields of a dataclass: their meaning and limits, and texts parsed by them."""

import dataclasses
import math

from tfmodels.errors import InputError, nearest


def field(default, help=None, *, minimum=None, above=None, maximum=None, choices=None,
          run=False, added_later=False):
    """Declares a setting.

    Args:
        default: its value when the flag is absent; its type is the field's annotation.
        help: meaning and unit; None keeps those (and the limits) of the base class's field.
        minimum, maximum: inclusive bounds of a number.
        above: exclusive lower bound of a number.
        choices: the allowed values of a string.
        run: whether it names another run, which is then found before anything is built, and
            recorded with its digest. Of a page's own such setting `build` gets the run, an
            `OtherRun`, as an argument of that name, None where the setting is empty.
        added_later: whether runs of before this setting was there behave as its default does.
    """
    about = {} if help is None else {
        "help": help, "minimum": minimum, "above": above, "maximum": maximum, "choices": choices,
        "run": run, "added": added_later}
    return dataclasses.field(default=default, metadata=about)


def about(config_class, name):
    """Returns the help and limits of a field, from the nearest class that states them."""
    return next(_stated(config_class, name))


def has_help(config_class, name):
    """Tells whether a class states the help of a field."""
    return next(_stated(config_class, name), None) is not None


def _stated(config_class, name):
    for cls in config_class.__mro__:
        declared = cls.__dict__.get("__dataclass_fields__", {}).get(name)
        if declared is not None and declared.metadata:
            yield declared.metadata


def parse(kind, default, limits, text):
    """Turns a flag's text into a value of `kind` within `limits` (see `field`).

    Raises:
        ValueError: saying what was expected and the nearest valid value.
    """
    if kind is str:
        choices = limits["choices"]
        if choices and text not in choices:
            raise ValueError(f"expected one of {', '.join(choices)}{nearest(text, choices)}")
        return text
    try:
        value = kind(text)
    except (TypeError, ValueError):
        raise ValueError(f"expected {_expected(kind, limits)}") from None
    if not math.isfinite(value):
        raise ValueError(f"expected {_expected(kind, limits)}, finite")
    low, above, high = limits["minimum"], limits["above"], limits["maximum"]
    if above is not None and value <= above:
        raise ValueError(f"expected {_expected(kind, limits)}, such as {default:g}")
    if low is not None and value < low:
        raise ValueError(f"expected {_expected(kind, limits)}; the nearest valid value is {low}")
    if high is not None and value > high:
        raise ValueError(f"expected {_expected(kind, limits)}; the nearest valid value is {high}")
    return value


def added(config_class):
    """Returns {setting: default} of those that runs of an older version may lack."""
    return {f.name: f.default for f in dataclasses.fields(config_class)
            if about(config_class, f.name)["added"]}


def from_values(config_class, values):
    """Makes a Config of a dict with a value for each field, checked as if it came from its flag.

    Raises:
        InputError: a value is not valid.
    """
    checked = {}
    for f in dataclasses.fields(config_class):
        name = f.name
        try:
            if type(values[name]) is not f.type:
                raise ValueError(f"expected {f.type.__name__}")
            checked[name] = values[name] if f.type is bool else parse(
                f.type, f.default, about(config_class, name), values[name])
        except ValueError as error:
            raise InputError(f"setting {name}={values[name]!r}: {error}") from None
    return config_class(**checked)


def _expected(kind, limits):
    """Returns a phrase such as `an integer of at least 1`."""
    phrase = {int: "an integer", float: "a number"}[kind]
    bounds = []
    if limits["minimum"] is not None:
        bounds.append(f"of at least {limits['minimum']}")
    if limits["above"] is not None:
        bounds.append(f"above {limits['above']}")
    if limits["maximum"] is not None:
        bounds.append(f"at most {limits['maximum']}")
    return " and ".join([f"{phrase} {bounds[0]}", *bounds[1:]]) if bounds else phrase


def listed(text):
    """Returns the parts of a text separated by commas, without the empty ones."""
    return tuple(part.strip() for part in text.split(",") if part.strip())
