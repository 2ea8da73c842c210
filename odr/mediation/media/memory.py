"""What keeps a node's memory level while people come and go; it does not know rooms or connections."""

import ctypes
import gc
import sys

RARELY = (50_000, 10, 10)


def settle() -> None:
    """Once, before the first room: what is there now is never looked at again.

    Thousands of packets a second live for a moment: with Python's defaults half of the node's time went
    into looking for cycles among them and the modules that never go away.
    """
    gc.freeze()
    gc.set_threshold(*RARELY)


def sweep() -> None:
    """Collect what is left in circles, and give back what lies free between what is used.

    Without the second step the process grows by what its many short-lived objects leave between them,
    though nothing more is in use.
    """
    gc.collect()
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # glibc has it
        if trim is not None:
            trim(0)
