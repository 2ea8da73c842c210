"""Compiles the load thread into a cache folder and loads it; it does not know what it sends."""

import hashlib
import importlib.util
import sys
from pathlib import Path
from types import ModuleType

from odr.mediation.media.native.build import builder

HERE = Path(__file__).parent
CACHE = HERE.parents[2] / ".cache" / "bench-media"


def loaded() -> ModuleType:
    """The compiled module; SystemExit says what to install when there is no compiler."""
    header, source = (HERE / "load.h").read_text("utf-8"), (HERE / "load.c").read_text("utf-8")
    name = "load_" + hashlib.sha256((header + source).encode()).hexdigest()[:12]
    built = next(CACHE.glob(f"{name}.*.so"), None) or _compiled(name)
    spec = importlib.util.spec_from_file_location(name, built)
    if spec is None or spec.loader is None:
        sys.exit(f"{built} cannot be loaded: remove {CACHE} and begin again")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _compiled(name: str) -> Path:
    CACHE.mkdir(parents=True, exist_ok=True)
    try:
        return Path(builder(name, HERE / "load.c").compile(tmpdir=str(CACHE)))
    except Exception as error:  # distutils and compilers fail in many ways
        sys.exit(f"The load generator needs a C compiler (apt-get install gcc): {error}")
