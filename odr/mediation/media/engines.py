"""Which of the three engines this machine has; it does not know what they carry."""

import ipaddress
import logging

from odr.errors import Refused, Unavailable
from odr.mediation.media.engine import NAMES, Engine, HookEngine, Place

logger = logging.getLogger(__name__)

IPV4 = 4


def make(name: str, place: Place) -> Engine:
    """The engine of that name; "" takes the best that works here. Unavailable when a named one fails."""
    if name not in ("", *NAMES):
        raise Refused("media.no-engine", name=name, names=", ".join(NAMES))
    for one in (name,) if name else NAMES:
        try:
            return _made(one, place)
        except (ImportError, OSError, AttributeError, RuntimeError, ValueError) as error:
            if name:
                raise Unavailable("media.engine-missing", permanent=True, name=name) from error
            logger.info("engine %s is not to be had here: %s", one, error)
    return HookEngine()


def _made(name: str, place: Place) -> Engine:
    if name == "hook":
        return HookEngine()
    if ipaddress.ip_address(place.host or "0.0.0.0").version != IPV4:  # noqa: S104 -- only read
        raise OSError("the one port is IPv4 only")
    if name == "native":
        from odr.mediation.media.native.engine import NativeEngine  # noqa: PLC0415 -- may be missing

        return NativeEngine(place)
    from odr.mediation.media.fast import FastEngine  # noqa: PLC0415 -- needs names of pylibsrtp

    return FastEngine(place)
