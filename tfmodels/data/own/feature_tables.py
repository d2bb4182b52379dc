"""A table of numbers and categories, and the class or the number to predict from them."""

import numpy as np

from tfmodels.data.own import column_profiles, columns
from tfmodels.data.own.column_profiles import Profile
from tfmodels.data.own.records import Record, Source
from tfmodels.errors import InputError, SettingError
from tfmodels.progress.counter import Counter

_NAMED = 8  # columns that are named in a line, of each sort


class FeatureTable(Source):
    """Rows of a `Table`, all of which are read once to tell what its columns are.

    A plan has `numbers` and `categories`, tuples of columns, and the column `label` or `value`.
    """

    of_cells = True

    def __init__(self, table):
        super().__init__()
        self._table, self.files, self.given = table, table.files, table.given
        self.line = table.line
        table.check(table.names)
        doubled = [name for name in table.names if table.names.count(name) > 1]
        if doubled:
            raise InputError(f"{table.root} has the column {doubled[0]!r} twice: expected columns "
                             "with names of their own")

    def plan(self, needs, wants, reading):
        """As of `Source`.

        Raises:
            InputError: no label is obvious, it is no class or number, or nothing is left to predict
                it by.
        """
        found = {name: Profile(name) for name in self._table.names}
        with Counter("reading the table") as progress:
            for _, _, row, fault in self._table.rows():
                for name, profile in found.items() if not fault else ():
                    profile.add(row.get(name))
                progress()
        label = found.pop(self._label(found, reading))
        target = self._target(label, reading)
        uses = {name: profile.use() for name, profile in found.items()}
        plan = {kind: tuple(name for name, (use, _) in uses.items() if use == kind)
                for kind in ("numbers", "categories")}
        if not any(plan.values()):
            others = _listed(uses.items(), _why) or "it has no other"
            raise InputError(f"{self._table.root} has no column to predict {label.name} by: "
                             f"{others}; expected one of numbers or of categories")
        self.line += "; " + self._said(label, target, plan, uses)
        return {kind: names for kind, names in plan.items() if names} | {target: label.name}

    def class_names(self, plan):
        """As of `Source`."""
        return self._table.class_names(plan)

    def records(self, plan, reading):
        """As of `Source`; numbers are float32 [n] and categories n byte strings, as they are kept.

        Rows without a label are left out.
        """
        numbers, categories = plan.get("numbers", ()), plan.get("categories", ())
        target = "value" if "value" in plan else "label"
        for file, number, row, fault in self._table.rows():
            values = {}
            if not fault:
                label = row.get(plan[target])
                if target == "value":
                    label = column_profiles.number(label)
                if column_profiles.lacks_label(label):
                    if not reading.strict:
                        continue
                    fault = f"it has no {plan[target]}"
                if numbers:
                    found = [column_profiles.number(row.get(name)) for name in numbers]
                    values["numbers"] = np.array(found, np.float32)  # None becomes NaN
                if categories:
                    values["categories"] = [column_profiles.category(row.get(name)).encode(
                        "utf-8", "replace") for name in categories]
                values[target] = label
            yield Record(self._table.name_of(file, number), self._table.split_of(file), values,
                         fault)

    def _label(self, found, reading):
        """Returns the name of the label's column: as said, usual, or the only one of classes."""
        table = self._table
        try:
            return columns.choose(table.names, table.examples, ("label",), (), reading,
                                  table.root)["label"]
        except SettingError:
            raise
        except InputError:
            of_classes = [name for name, profile in found.items() if profile.texts
                          and profile.use()[0] == "categories"]
            if len(of_classes) != 1:
                raise
            return of_classes[0]

    def _target(self, label, reading):
        """Returns whether a `label` or a `value` is predicted, and checks that it can be."""
        root, labelled, asked = self._table.root, label.filled, reading.target
        if label.written_otherwise and asked != "class" and not label.are_few():
            raise InputError(f"the label ({label.name}) of {root} has {label.written_otherwise:,} "
                             f"numbers written as {label.otherwise!r}: expected a decimal point, no"
                             f" separator of thousands and no unit, such as {label.in_plain()!r}")
        target = "value" if asked == "number" or (
            asked == "auto" and label.is_number_to_predict()) else "label"
        if target == "value":
            labelled = label.numbers
            if label.texts and not label.is_mostly_numbers():
                raise SettingError("target", asked, f"the label ({label.name}) of {root} has "
                                   f"{label.texts:,} texts and {label.numbers:,} numbers: expected "
                                   "class or auto, or numbers")
        if label.others > labelled:
            raise InputError(f"the label ({label.name}) of {root} holds lists, objects or bytes: "
                             "expected texts or numbers")
        if labelled < 3:
            raise InputError(f"{root} has {labelled:,} rows with a label ({label.name}): expected "
                             "at least three, one for each of train, validation and test")
        if label.different < 2:
            raise InputError(f"the label ({label.name}) of {root} is {label.only!r} in all "
                             f"{labelled:,} rows: expected different ones",
                             None if reading.label_column else "label column")
        return target

    def _said(self, label, target, plan, uses):
        """Returns what was taken for what, in one line."""
        if target == "value":
            said = [f"{label.name} is the number to predict, {label.low:g} to {label.high:g} (as a "
                    "class with target=class)", label.rounded]
            lacking = label.missing + label.texts
        else:
            said = [f"{label.name} is the class to predict, one of {label.different:,}"
                    + (" (as a number with target=number)" if not label.texts else "")]
            lacking = label.missing
        if lacking:
            said.append(f"{lacking:,} rows without one are left out")
        said += [f"{kind}: {_listed(names)}" for kind, names in plan.items() if names]
        left_out = [(name, found) for name, found in uses.items() if found[0] is None]
        if left_out:
            said.append(f"left out: {_listed(left_out, _why)}")
        said += [f"{name}: {why}" for name, (use, why) in uses.items() if use and why][:_NAMED]
        return "; ".join(filter(None, said))


def content(row):
    """Returns the numbers, float32 [n], or the categories of a row as bytes."""
    return row.tobytes() if isinstance(row, np.ndarray) else b"\0".join(row)


def _why(column):
    """Returns `id (all different)` of (name, (use, why))."""
    name, (_, why) = column
    return f"{name} ({why})"


def _listed(items, shown=str):
    items = list(items)
    more = f" and {len(items) - _NAMED:,} more" if len(items) > _NAMED else ""
    return ", ".join(shown(item) for item in items[:_NAMED]) + more
