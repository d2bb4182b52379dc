"""Imports TensorFlow without the lines that its native libraries print at every start."""

import os
import sys
import tempfile

from tfmodels.errors import Stopped


def import_tensorflow():
    """Imports TensorFlow and looks for devices; what it prints is shown only if that fails."""
    if "tensorflow" in sys.modules:
        return
    # Not even errors: those that matter come as exceptions, others are of an optimization of the
    # graph that was left out, such as "remapper failed" for a WGAN on images in colour.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    sys.stderr.flush()
    shown = os.dup(2)
    with tempfile.TemporaryFile() as hidden:
        os.dup2(hidden.fileno(), 2)
        try:
            import tensorflow as tf
            tf.config.list_physical_devices()
            # Starts the devices, and makes oneDNN say, as it does once, that it has no integers.
            tf.transpose([[0]])
        except Stopped:  # which failed at nothing
            raise
        except BaseException:
            hidden.seek(0)
            os.write(shown, hidden.read())
            raise
        finally:
            os.dup2(shown, 2)
            os.close(shown)
