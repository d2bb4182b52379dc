"""The description of a data set that is made here."""

import tensorflow_datasets as tfds


class LocalInfo(tfds.core.DatasetInfo):
    """A `DatasetInfo` of which no server is asked, where TFDS leaves an empty folder in /tmp."""

    def initialize_from_bucket(self):
        """Does nothing: see above."""
