"""One split of a prepared data set: its arrays, its stream, its fingerprint, its faults."""

import contextlib
import hashlib

import tensorflow as tf
import tensorflow_datasets as tfds
from tensorflow_datasets.core import file_adapters

from tfmodels.data.features import KINDS, batched, rows_of
from tfmodels.data.prepare import quiet
from tfmodels.errors import DataError, InputError

_CHUNK = 512  # examples decoded at a time


class Split:
    """Examples `start` to `stop` of a split of a prepared builder, in prepared order.

    Its examples have the canonical keys it was asked for:
      image: uint8 [H, W, C] in [0, 255].
      label: int32 [] in [0, number of classes).
      text, source, target: string [], UTF-8 bytes.
      numbers: float32 [n], NaN where one is missing; categories: string [m], empty where one is.
      value: float32 [].

    Attributes:
      size: number of examples.
      memory_limit: bytes of decoded examples up to which they are kept in memory.
    """

    def __init__(self, builder, source, start, stop, features, memory_limit):
        """Opens a part of a prepared data set; nothing is read yet.

        Args:
          builder: prepared.
          source: name of its split.
          start, stop: the first example, and the one behind the last.
          features: {canonical key: feature key}.
          memory_limit: see above.
        """
        self._builder = builder
        self._source = source
        self._start, self._stop = start, stop
        self._features = features
        self._arrays = self._labels = None
        self.size = stop - start
        self.memory_limit = memory_limit

    @property
    def resident(self):
        """Whether the decoded examples are, or may be, kept in memory."""
        return self._arrays is not None or self.nbytes() <= self.memory_limit

    def arrays(self):
        """Decodes the split, once.

        Returns:
          {"image": uint8 [N, H, W, C], "label": int32 [N], "text", "source" and "target": object
          [N] of bytes, "numbers": float32 [N, n], "categories": object [N, m] of bytes, "value":
          float32 [N]}, those keys asked for.

        Raises:
          DataError: a file is damaged, short or missing.
          InputError: the labels are unknown (-1).
        """
        if self._arrays is None:
            arrays = {key: KINDS[key].empty(self.size, shape)
                      for key, shape in self._shapes().items()}
            start = 0
            for chunk in self._chunks():
                stop = start + len(next(iter(chunk.values())))
                for key, value in chunk.items():
                    arrays[key][start:stop] = value
                start = stop
            if "label" in arrays and self.size and arrays["label"].min() < 0:
                raise InputError(
                    f"split {self._source!r} of {self._builder.name!r} has no labels (they are -1)"
                )
            self._arrays = arrays
        return self._arrays

    def head(self, count):
        """Returns the first `count` examples as `arrays()` does, without decoding the others."""
        if self._arrays is not None or count >= self.size:
            return {key: value[:count] for key, value in self.arrays().items()}
        return self._part(self._start + count, self._features).arrays()

    def labels(self):
        """Returns the labels, int32 [N]; of a split too large for memory it decodes nothing else.

        Raises:
          InputError: they are unknown (-1).
        """
        if self.resident:
            return self.arrays()["label"]
        if self._labels is None:
            self._labels = self._part(self._stop,
                                      {"label": self._features["label"]}).arrays()["label"]
        return self._labels

    def chunks(self):
        """Yields the examples in order as `arrays()` does, some at a time if they are many."""
        yield from [self.arrays()] if self.resident else self._chunks()

    @property
    def kinds(self):
        """The canonical keys that its examples have."""
        return tuple(self._features)

    def texts(self, key="text"):
        """Yields the texts of one key in order."""
        yield from self.values(key)

    def values(self, key):
        """Yields the values of one key in order."""
        for chunk in self.chunks():
            yield from chunk[key]

    def nbytes(self):
        """Estimates the memory of `arrays()` in bytes: exact but for ragged kinds: by file size."""
        total = sum(KINDS[key].nbytes(self.size, shape) for key, shape in self._shapes().items())
        if any(KINDS[key].ragged for key in self._features):  # all of an example, wanted or not
            info = self._builder.info.splits[self._source]
            total += info.num_bytes * self.size // max(info.num_examples, 1)
        return total

    def fingerprint(self):
        """Returns the SHA-256, in hex, of the decoded examples in order.

        Reads the arrays if they may be kept in memory, else makes one pass.
        """
        digests = {key: hashlib.sha256() for key in sorted(self._features)}
        for chunk in self.chunks():
            for key, digest in digests.items():
                KINDS[key].digest(digest, chunk[key])
        whole = hashlib.sha256(str(self.size).encode())
        for key, digest in digests.items():
            whole.update(key.encode() + digest.digest())
        return whole.hexdigest()

    def stream(self):
        """Returns a `tf.data.Dataset` of single examples, always in the same order.

        Its iterators can be saved in a checkpoint. Iterate it inside `faults()`.
        """
        with quiet(), self.faults():
            if self._builder.info.file_format == file_adapters.FileFormat.ARRAY_RECORD:
                dataset = self._indexed()
            else:
                dataset = self._builder.as_dataset(
                    split=f"{self._source}[{self._start}:{self._stop}]",
                    decoders=self._decoders(),
                    read_config=tfds.ReadConfig(interleave_cycle_length=1, try_autocache=False),
                    shuffle_files=False,
                ).map(self._canonical, num_parallel_calls=2)
        options = tf.data.Options()
        options.deterministic = True
        # Reading by index and encoding are pure: a saved iterator needs none of their state.
        options.experimental_external_state_policy = tf.data.experimental.ExternalStatePolicy.IGNORE
        return dataset.with_options(options)

    @contextlib.contextmanager
    def faults(self):
        """Turns a read error inside the `with` into a DataError that names the damaged files."""
        try:
            yield
        except (tf.errors.OpError, OSError, RuntimeError, ValueError, IndexError) as error:
            damaged = self._damaged_files()
            if not damaged:
                raise
            raise DataError(
                f"data set {self._builder.info.full_name!r} is damaged: {'; '.join(damaged)}\n"
                "delete its folder to have it prepared again, or restore the file"
            ) from error

    def _part(self, stop, features):
        """Returns the split up to an example, with some of its features."""
        return Split(self._builder, self._source, self._start, stop, features, self.memory_limit)

    def _canonical(self, example):
        return {key: example[f] if example[f].dtype == tf.string
                else tf.cast(example[f], KINDS[key].dtype) for key, f in self._features.items()}

    def _decoders(self):
        """Returns what reads the features asked for alone; TFDS has none for a translation."""
        if isinstance(self._builder.info.features, tfds.features.Translation):
            return None
        return tfds.decode.PartialDecoding(dict.fromkeys(self._features.values(), True))

    def _shapes(self):
        """Returns {canonical key: shape of an example}."""
        features = self._builder.info.features
        return {key: features[f].shape for key, f in self._features.items()}

    def _chunks(self):
        with self.faults():
            for chunk in batched(self.stream(), _CHUNK).prefetch(2):
                yield {key: rows_of(values) for key, values in chunk.items()}

    def _indexed(self):
        """A stream over array_record files, which only Python can read."""
        examples = self._builder.as_data_source(split=self._source)
        keys = list(self._features)
        dtypes = [tf.as_dtype(KINDS[key].dtype) for key in keys]

        def fetch(index):
            example = examples[int(index)]
            return [KINDS[key].convert(example[self._features[key]]) for key in keys]

        def read(index):
            values = tf.numpy_function(fetch, [index], dtypes, stateful=False)
            for key, value in zip(keys, values, strict=True):
                value.set_shape(self._shapes()[key])
            return dict(zip(keys, values, strict=True))

        return tf.data.Dataset.range(self._start, self._stop).map(read)

    def _damaged_files(self):
        """Counts every file of the split and describes those not as the data set states."""
        info = self._builder.info.splits[self._source]
        adapter = file_adapters.ADAPTER_FOR_FORMAT[self._builder.info.file_format]
        damaged = []
        for file, expected in zip(info.filepaths, info.shard_lengths, strict=True):
            try:
                count = adapter.num_examples(file)
            except Exception:  # whichever way the reader fails
                damaged.append(f"{file} is unreadable")
            else:
                if count != expected:
                    damaged.append(f"{file} holds {count} examples instead of {expected}")
        return damaged
