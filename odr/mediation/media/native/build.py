"""Builds the forwarding thread with the machine's C compiler; it does not know what is forwarded."""

import shutil
import sys
import tempfile
from pathlib import Path

import cffi

HERE = Path(__file__).parent
MODULE = "odr.mediation.media.native._engine"
FLAGS = ["-O2", "-std=gnu11", "-Wall", "-Wextra", "-pthread"]


def builder() -> cffi.FFI:
    """What is to be compiled, and what of it Python may call."""
    ffi = cffi.FFI()
    ffi.cdef((HERE / "engine.h").read_text("utf-8"))
    ffi.set_source(
        MODULE,
        '#include <stdint.h>\n#include <stddef.h>\n#include "engine.h"\n',
        sources=[str(HERE / "engine.c")],
        include_dirs=[str(HERE)],
        extra_compile_args=FLAGS,
        libraries=["pthread"],
    )
    return ffi


def main() -> int:
    """Build beside the sources; 1 when there is no compiler, which is no misfortune."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            built = Path(builder().compile(tmpdir=folder))
            fresh = HERE / f"{built.name}.new"
            shutil.copy(built, fresh)
            fresh.replace(HERE / built.name)
        except Exception as error:  # distutils and compilers fail in many ways
            reason = f"{type(error).__name__}: {error}".splitlines()[0]
            sys.stderr.write(f"The native media engine was not built ({reason}).\n")
            sys.stderr.write("Python forwards; install a C compiler and run this again.\n")
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
