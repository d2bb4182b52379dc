"""Training batches that depend only on (seed, step)."""

import tensorflow as tf

from tfmodels.data.features import batched, tensor_of
from tfmodels.errors import InputError

_ROUNDS = 8  # of the cipher behind the shuffle; 4, the default of index_shuffle, is too regular


class _Shuffled:
    """Which of N examples each batch holds: every epoch is a permutation of all of them.

    A batch may span two epochs.
    """

    state = {}  # nothing to checkpoint

    def __init__(self, size, batch_size, seed):
        self.size = size
        check_batch_size(batch_size, size)
        self._batch_size = batch_size
        self._seed = seed

    def _index(self, step):
        """Returns the examples of batch `step`, an integer [] from 0, as int64 [B]."""
        step = tf.cast(step, tf.int64)
        position = step * self._batch_size + tf.range(self._batch_size, dtype=tf.int64)  # [B]
        epoch = position // self.size
        # At most two epochs, as B <= N. The cipher uses as little as 8 bits of each word of its
        # key, so the words are drawn at random: [seed, epoch] itself repeats after 256 epochs.
        keys = tf.stack([self._key(epoch[0]), self._key(epoch[0] + 1)])  # [2, 3]
        return tf.raw_ops.RandomIndexShuffle(
            index=position % self.size,
            seed=tf.gather(keys, epoch - epoch[0]),  # [B, 3]
            max_index=tf.constant(self.size - 1, tf.int64),
            rounds=_ROUNDS,
        )

    def _key(self, epoch):
        return tf.random.stateless_uniform(
            [3], tf.stack([self._seed, epoch]), 0, 2**31, tf.int64, alg="philox"
        )


class ResidentBatches(_Shuffled):
    """Batches gathered from arrays in memory: a pure function of (seed, step).

    Every epoch is a permutation of all N examples. It can be called eagerly, in a `tf.function`
    and in its loops; the arrays are captured by reference.
    """

    def __init__(self, arrays, batch_size, seed):
        """Moves the arrays to host tensors.

        Args:
          arrays: {key: array [N, ...]}; N at least `batch_size`. Objects must be bytes.
          batch_size: B, at least 1.
          seed: int in [-2**63, 2**63).

        Raises:
          InputError: fewer than B examples.
        """
        super().__init__(len(next(iter(arrays.values()))), batch_size, seed)
        with tf.device("CPU:0"):
            self._arrays = {key: tensor_of(value) for key, value in arrays.items()}

    def __call__(self, step):
        """Returns batch `step`, an int64 [] from 0, as {key: tensor [B, ...]}."""
        with tf.device("CPU:0"):
            index = self._index(step)
            return {key: tf.gather(value, index) for key, value in self._arrays.items()}


class BucketedBatches(ResidentBatches):
    """Resident batches whose examples are of similar length, so that little of them is padding.

    Up to 16 batches' worth of examples are drawn as others draw one, sorted by length and cut into
    batches, which come in random order. Every epoch still holds each example once.
    """

    def __init__(self, arrays, lengths, batch_size, seed):
        """Moves the arrays to host tensors.

        Args:
          arrays, batch_size, seed: as of `ResidentBatches`.
          lengths: integers [N], what is sorted by.
        """
        check_batch_size(batch_size, len(lengths))
        self._count = min(16, len(lengths) // batch_size)
        super().__init__(arrays, batch_size * self._count, seed)
        self._size_of_one = batch_size
        with tf.device("CPU:0"):
            self._lengths = tf.constant(lengths)

    def _index(self, step):
        step = tf.cast(step, tf.int64)
        draw, turn = step // self._count, step % self._count
        drawn = super()._index(draw)
        drawn = tf.gather(drawn, tf.argsort(tf.gather(self._lengths, drawn), stable=True))
        # A key apart from those of the epochs, which are not negative.
        first = self._size_of_one * tf.raw_ops.RandomIndexShuffle(
            index=turn, seed=self._key(-1 - draw), max_index=tf.constant(self._count - 1, tf.int64),
            rounds=_ROUNDS)
        return drawn[first:first + self._size_of_one]


class WindowBatches(_Shuffled):
    """Batches of windows of one running text: a pure function of (seed, step).

    A window may start at any token; every epoch is a permutation of all N starts.
    """

    def __init__(self, tokens, length, batch_size, seed):
        """Moves the tokens to a host tensor.

        Args:
          tokens: integers [N + length - 1].
          length: tokens in a window, at least 1.
          batch_size: B, from 1 to N.
          seed: int in [-2**63, 2**63).

        Raises:
          InputError: fewer than B starts.
        """
        super().__init__(len(tokens) - length + 1, batch_size, seed)
        self._length = length
        with tf.device("CPU:0"):
            self._tokens = tf.constant(tokens)

    def __call__(self, step):
        """Returns batch `step`, an int64 [] from 0, as {"tokens": [B, length]}."""
        with tf.device("CPU:0"):
            places = self._index(step)[:, None] + tf.range(self._length, dtype=tf.int64)
            return {"tokens": tf.gather(self._tokens, places)}


class StreamedBatches:
    """Batches of a split too large for memory: a seeded shuffle within a buffer, endlessly.

    Two fresh objects with the same seed yield the same batches. `state` belongs in a
    `tf.train.Checkpoint`: the iterator then continues where it was saved.
    """

    def __init__(self, dataset, batch_size, seed, buffer=10_000, encode=None):
        """Starts an iterator at the first batch.

        Args:
          dataset: `tf.data.Dataset` of dicts, single examples in a fixed order.
          batch_size: B, at least 1.
          seed: int in [-2**63, 2**63).
          buffer: examples shuffled at a time; all of them are saved in a checkpoint.
          encode: pure function from a batch of raw tensors to a batch of tensors, or None.

        Raises:
          InputError: fewer than B examples, where the dataset states its size.
        """
        self.size = int(dataset.cardinality())
        if self.size >= 0:
            check_batch_size(batch_size, self.size)
        dataset = dataset.shuffle(buffer, seed=seed, reshuffle_each_iteration=True)
        dataset = batched(dataset.repeat(), batch_size, drop_remainder=True)
        if encode is not None:
            dataset = dataset.map(encode)
        self._iterator = iter(dataset.prefetch(2))
        self.state = {"iterator": self._iterator}

    def __call__(self, step):
        """Returns the next batch as {key: tensor [B, ...]}; `step` must count up by one."""
        del step
        return next(self._iterator)


def check_batch_size(batch_size, size):
    """Refuses a batch of more than `size` examples, or of none."""
    if not 1 <= batch_size <= size:
        raise InputError(f"batch size {batch_size} is not in 1 to {size}, the training examples")
