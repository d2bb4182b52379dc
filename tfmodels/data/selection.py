"""Which examples of a labelled data set are used. Imports neither TensorFlow nor NumPy."""

import dataclasses

from tfmodels.errors import InputError, nearest


@dataclasses.dataclass(frozen=True)
class Selection:
    """Some classes of a data set, and some of its training examples.

    Attributes:
        classes: names of the classes used in every split; empty for all.
        examples_per_class: training examples of each class; 0 for all.
        train_examples: training examples of all classes together; 0 for all.
        seed: decides which training examples. A larger number adds to those of a smaller one.
    """

    classes: tuple = ()
    examples_per_class: int = 0
    train_examples: int = 0
    seed: int = 0

    def __post_init__(self):
        if self.examples_per_class and self.train_examples:
            raise InputError("examples_per_class and train_examples both say how many training "
                             "examples to use: expected one of them")
        if len(set(self.classes)) == 1:
            raise InputError(f"classes={self.classes[0]}: expected at least two, or none for all")

    def __bool__(self):
        return bool(self.classes or self.examples_per_class or self.train_examples)

    def at_most(self, size):
        """Returns how many training examples can be selected of `size`."""
        if self.examples_per_class and self.classes:
            return min(size, self.examples_per_class * len(set(self.classes)))
        return min(size, self.train_examples or size)

    def numbers(self, class_names):
        """Returns the numbers of the selected classes, rising.

        Raises:
            InputError: one is unknown.
        """
        for name in self.classes:
            if name not in class_names:
                raise InputError(f"no class {name!r}: expected some of {', '.join(class_names)}"
                                 f"{nearest(name, class_names)}")
        return [number for number, name in enumerate(class_names)
                if not self.classes or name in self.classes]
