"""Event files on disk: merged into one that ends at a step, whatever was cut short or left over."""

import tensorflow as tf
from tensorboard.compat.proto import event_pb2

from tfmodels import files
from tfmodels.training import tags

_KEPT = "events.out.tfevents.0000000000.kept.v2"  # sorts before every file named by the clock


def truncate(folder, step):
    """Merges the event files of a folder into one that ends at `step`.

    Events of later steps are dropped, and so is a last event that was cut short; those of a
    version whose tags had no groups get their tags of today, so that their curves go on. The
    merged file is renamed into place before the others are deleted, and starts with a session-start
    event, at which a running TensorBoard forgets what it had read.
    """
    written = sorted(folder.glob("events.out.tfevents.*"))
    if not written:
        return
    with (files.replacing(folder / _KEPT, sync=True) as kept,
          tf.io.TFRecordWriter(kept.name) as writer):
        writer.write(event_pb2.Event(file_version="brain.Event:2").SerializeToString())
        start = event_pb2.Event(step=0)
        start.session_log.status = event_pb2.SessionLog.START
        writer.write(start.SerializeToString())
        seen = set()
        for file in written:
            for record in _records(file):
                event = event_pb2.Event.FromString(record)
                if not event.HasField("summary") and not event.HasField("graph_def"):
                    continue
                record = _with_groups(event, record)
                if event.step <= step and record not in seen:
                    seen.add(record)
                    writer.write(record)
    for file in written:
        if file.name != _KEPT:
            file.unlink()


def _records(path):
    """Yields the whole records of an event file, up to one that is cut short or damaged."""
    try:
        for record in tf.data.TFRecordDataset(str(path)):
            yield record.numpy()
    except tf.errors.DataLossError:
        return


def _with_groups(event, record):
    """Returns an event's record under the tags of today: itself, where it has them."""
    for value in event.summary.value:
        plugin = value.metadata.plugin_data.plugin_name
        if plugin in tags.PLUGINS and not tags.is_tag(plugin, value.tag):
            value.tag, value.metadata.summary_description = tags.tag_of(plugin, value.tag)
            record = event.SerializeToString()
    return record
