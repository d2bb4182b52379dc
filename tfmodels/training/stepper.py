"""Training steps in compiled calls: several of them at a time, on one replica or on several."""

import tensorflow as tf

from tfmodels.training.checkpoints import optimizers


class Stepper:
    """Runs training steps in compiled calls.

    Making one traces the step, which creates every variable that a step needs (metric states and
    optimizer slots included), so that a checkpoint can be restored before the first step.

    Args:
        task: the `Task` to train.
        batches: step (int64 scalar tensor) -> dict of tensors, of `task.source`. Of several
            replicas each takes its part of a batch.
        seed: of `task.prepare`'s stateless randomness.

    Attributes:
        state: what of the batches goes into a checkpoint.
        gradient_norms: name of each optimizer -> global L2 norm of the last gradients it got; of
            several replicas the mean of theirs.
    """

    def __init__(self, task, batches, seed):
        self._strategy = tf.distribute.get_strategy()
        self._task = task
        self._batches = batches
        self.state = batches.state
        self._seed = seed
        self.gradient_norms = {}
        for name, optimizer in optimizers(task.model).items():
            if not optimizer.built:
                optimizer.build(task.model.trainable_variables)
            self.gradient_norms[name] = _compile_update(optimizer)
        step_function = task.model.train_step
        if task.model.jit_compile:
            step_function = tf.function(step_function, jit_compile=True, autograph=False)
        self._train_step = lambda batch: step_function(_part_of_replica(batch))
        counter = tf.TensorSpec([], tf.int64)
        self._run = tf.function(self._steps, autograph=False).get_concrete_function(
            counter, counter)

    def __call__(self, first, end):
        """Runs the steps first, first + 1, … end - 1 (Python integers)."""
        self._run(tf.constant(first, tf.int64), tf.constant(end, tf.int64))

    def _steps(self, first, end):
        def body(step):
            batch = self._task.prepare(self._batches(step), tf.stack([self._seed, step]))
            self._strategy.run(self._train_step, args=(batch,))
            return step + 1
        return tf.while_loop(lambda step: step < end, body, [first], parallel_iterations=1)


def _part_of_replica(batch):
    """Returns the examples of a batch that are this replica's, all of them if there is but one."""
    context = tf.distribute.get_replica_context()
    count = context.num_replicas_in_sync
    if count == 1:
        return batch

    def part(values):
        size = tf.shape(values)[0] // count
        first = context.replica_id_in_sync_group * size
        return values[first:first + size]
    return tf.nest.map_structure(part, batch)


def _compile_update(optimizer):
    """Compiles an optimizer's update by XLA, and makes it note the gradients' global norm.

    An update is some 20 small operations per variable; XLA fuses them into one pass over it.

    Returns:
        The variable that holds the norm.
    """
    norm = tf.Variable(0.0, trainable=False, name="gradient_norm",
                       synchronization=tf.VariableSynchronization.ON_READ,
                       aggregation=tf.VariableAggregation.MEAN)
    apply, strategy = optimizer.apply, tf.distribute.get_strategy()

    def apply_and_note(grads, trainable_variables=None):
        variables = trainable_variables or optimizer._trainable_variables
        pairs = [(tf.convert_to_tensor(gradient), variable)  # rows of an embedding become a table
                 for gradient, variable in zip(grads, variables, strict=True)
                 if gradient is not None]

        def update(gradients):
            norm.assign(tf.linalg.global_norm(gradients))
            apply(gradients, [variable for _, variable in pairs])
        if strategy.num_replicas_in_sync == 1:  # what replicas tell each other XLA cannot compile
            update = tf.function(update, jit_compile=True, autograph=False)
        update([gradient for gradient, _ in pairs])

    optimizer.apply = apply_and_note
    return norm
