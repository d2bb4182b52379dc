"""One split of a prepared data set: its arrays, its stream, its fingerprint, its faults."""

import contextlib
import hashlib

import numpy as np
import tensorflow as tf
import tensorflow_datasets as tfds
from tensorflow_datasets.core import file_adapters

from tfmodels.data import decoded
from tfmodels.data.features import KINDS, rows_of
from tfmodels.data.prepare import quiet
from tfmodels.errors import DataError, InputError

_CHUNK = 512  # examples decoded at a time
_ARRAY_RECORD = file_adapters.FileFormat.ARRAY_RECORD


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

    def __init__(self, builder, source, start, stop, features, memory_limit, kept=None):
        """Opens a part of a prepared data set; nothing is read yet.

        Args:
          builder: prepared.
          source: name of its split.
          start, stop: the first example, and the one behind the last.
          features: {canonical key: feature key}.
          memory_limit: see above.
          kept: folder of splits that took long to decode, a Path; None for nowhere.
        """
        self._builder = builder
        self._source = source
        self._start, self._stop = start, stop
        self._features = features
        self._kept = kept
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
            with self.faults():
                source = decoded.source_of(self._builder, self._source, self._start, self._stop,
                                           self._features)
            arrays = decoded.kept(self._kept, source, self._decoded)
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
            total += int(self.record_bytes() * self.size)
        return total

    def record_bytes(self):
        """Returns the size of an example as it is stored, in bytes, the mean of the set's split."""
        info = self._builder.info.splits[self._source]
        return info.num_bytes / max(info.num_examples, 1)

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

    def records(self):
        """Returns a `tf.data.Dataset` of the examples as they are stored, always in the same order.

        Only `decode` knows what a record is. Iterators can be saved in a checkpoint. Iterate it
        inside `faults()`.
        """
        info = self._builder.info
        if info.file_format == _ARRAY_RECORD:
            dataset = tf.data.Dataset.range(self._start, self._stop)
        else:
            read = file_adapters.ADAPTER_FOR_FORMAT[info.file_format].make_tf_data
            files = info.splits[f"{self._source}[{self._start}:{self._stop}]"].file_instructions
            dataset = tf.data.Dataset.from_tensor_slices(
                ([file.filename for file in files],
                 np.array([(file.skip, file.take) for file in files], np.int64))
            ).flat_map(lambda name, part: read(name).skip(part[0]).take(part[1]))
            dataset = dataset.apply(tf.data.experimental.assert_cardinality(
                self._stop - self._start))
        options = tf.data.Options()
        options.deterministic = True
        # Reading by index and encoding are pure: a saved iterator needs none of their state.
        options.experimental_external_state_policy = tf.data.experimental.ExternalStatePolicy.IGNORE
        return dataset.with_options(options)

    def decode(self, records):
        """Returns a batch of records [B] as {key: tensor [B, ...], ragged where sizes differ}."""
        # A loop in one function: a `map` of single examples costs three times as much.
        one = self._read_by_index if records.dtype.is_integer else self._parse
        return tf.map_fn(one, records, fn_output_signature={
            key: KINDS[key].spec(shape) for key, shape in self._shapes().items()})

    def batched(self, size):
        """Returns a `tf.data.Dataset` of decoded batches of `size` examples in order."""
        return self.records().batch(size).map(self.decode, num_parallel_calls=2)

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
        return Split(self._builder, self._source, self._start, stop, features, self.memory_limit,
                     self._kept)

    def _parse(self, record):
        """Returns a stored example, bytes, as {canonical key: tensor}."""
        features = self._builder.info.features
        with quiet():
            if not isinstance(features, tfds.features.Translation):  # of which TFDS reads no part
                features = tfds.decode.PartialDecoding(
                    dict.fromkeys(self._features.values(), True)).extract_features(features)
            example = features.deserialize_example(record)
        return {key: tf.cast(example[f], KINDS[key].dtype) if KINDS[key].dtype != "string"
                else example[f] for key, f in self._features.items()}

    def _read_by_index(self, index):
        """Returns an example of array_record files, which only Python can read, as `_parse`."""
        examples = self._builder.as_data_source(split=self._source)

        def fetch(index):
            example = examples[int(index)]
            return [KINDS[key].convert(example[f]) for key, f in self._features.items()]

        values = tf.numpy_function(
            fetch, [index], [KINDS[key].dtype for key in self._features], stateful=False)
        for value, shape in zip(values, self._shapes().values(), strict=True):
            value.set_shape(shape)
        return dict(zip(self._features, values, strict=True))

    def _shapes(self):
        """Returns {canonical key: shape of an example}."""
        features = self._builder.info.features
        return {key: features[f].shape for key, f in self._features.items()}

    def _decoded(self):
        """Decodes the split, see `arrays`."""
        arrays = {key: KINDS[key].empty(self.size, shape)
                  for key, shape in self._shapes().items()}
        start = 0
        for chunk in self._chunks():
            stop = start + len(next(iter(chunk.values())))
            for key, value in chunk.items():
                arrays[key][start:stop] = value
            start = stop
        return arrays

    def _chunks(self):
        with self.faults():
            for chunk in self.batched(_CHUNK).prefetch(2):
                yield {key: rows_of(values) for key, values in chunk.items()}

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
