"""Builds the forwarding thread with the machine's C compiler; it does not know what is forwarded."""

import shutil
import sys
import tempfile
from pathlib import Path

import cffi

HERE = Path(__file__).parent
MODULE = "odr.mediation.media.native._engine"
FLAGS = ["-O2", "-std=gnu11", "-Wall", "-Wextra", "-pthread"]


def builder(module: str, source: Path) -> cffi.FFI:
    """What is to be compiled from a C file and the header beside it, which says what Python may call."""
    header = source.with_suffix(".h")
    ffi = cffi.FFI()
    ffi.cdef(header.read_text("utf-8"))
    ffi.set_source(
        module,
        f'#include <stdint.h>\n#include <stddef.h>\n#include "{header.name}"\n',
        sources=[str(source)],
        include_dirs=[str(source.parent)],
        extra_compile_args=FLAGS,
        libraries=["pthread"],
    )
    return ffi


def main() -> int:
    """Build beside the sources; 1 when there is no compiler, which is no misfortune."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            built = Path(builder(MODULE, HERE / "engine.c").compile(tmpdir=folder))
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
