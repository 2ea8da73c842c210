"""Which of the three engines this machine has; it does not know what they carry."""

import ipaddress
import logging

from odr.errors import Refused, Unavailable
from odr.mediation.media.engine import NAMES, Engine, HookEngine

logger = logging.getLogger(__name__)


def make(name: str, host: str, ports: tuple[int, int]) -> Engine:
    """The engine of that name; "" takes the best that works here. Unavailable when a named one fails."""
    if name not in ("", *NAMES):
        raise Refused("media.no-engine", name=name, names=", ".join(NAMES))
    for one in (name,) if name else NAMES:
        try:
            return _made(one, host, ports)
        except (ImportError, OSError, AttributeError, RuntimeError) as error:
            if name:
                raise Unavailable("media.engine-missing", permanent=True, name=name) from error
            logger.info("engine %s is not to be had here: %s", one, error)
    return HookEngine()


def _made(name: str, host: str, ports: tuple[int, int]) -> Engine:
    if name == "hook" or ipaddress.ip_address(host or "0.0.0.0").version != 4:  # noqa: PLR2004, S104
        return HookEngine()
    if name == "native":
        from odr.mediation.media.native.engine import NativeEngine  # noqa: PLC0415 -- may be missing

        return NativeEngine(host, ports)
    from odr.mediation.media.fast import FastEngine  # noqa: PLC0415 -- needs names of pylibsrtp

    return FastEngine(host, ports)
