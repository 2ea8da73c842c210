"""What carries packets between sockets and rooms, in one of three ways.

``native``: a thread in C forwards, Python is told. ``fast``: one socket, Python forwards. ``hook``:
aiortc's own sockets, one a connection. It does not know rooms.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from odr.mediation.media.lines import Outbound, Sending
from odr.mediation.media.rtp import Packet, Run

EVERYWHERE = frozenset({"0.0.0.0", ""})  # noqa: S104 -- recognised, not bound
NAMES = ("native", "fast", "hook")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a node listens, on a free port of a range, and the address that phones are told.

    They differ behind a translator of addresses, as the public address of a rented machine is.
    """

    host: str
    ports: tuple[int, int]
    public: str = ""

    @property
    def offered(self) -> list[str]:
        """What candidates say; nothing: all addresses of the machine."""
        if self.public:
            return [self.public]
        return [] if self.host in EVERYWHERE else [self.host]


@dataclass(frozen=True, slots=True)
class Ears:
    """Who hears what was decrypted: a packet to be forwarded, some that the engine has forwarded, RTCP.

    RTCP comes with its time, in seconds of the monotonic clock.
    """

    packet: Callable[[Packet], None]
    forwarded: Callable[[Run], None]
    rtcp: Callable[[bytes, float], None]


def _nobody(*_heard: object) -> None:
    """Nobody listens any more."""


DEAF = Ears(_nobody, _nobody, _nobody)  # of a connection that has ended: it holds nobody


class Carrier(Protocol):
    """One connection's part of an engine."""

    def gather(self, ice: Any, level_id: int) -> None:  # noqa: ANN401 -- aioice's connection
        """Take the place of aioice's own sockets for this connection."""
        ...

    def keys(self, rx: Any, tx: Any) -> None:  # noqa: ANN401 -- pylibsrtp's sessions
        """DTLS has given the keys; they are this carrier's until ``drop``."""
        ...

    def send(self, data: bytes) -> None:
        """Encrypt and send one RTP or RTCP packet; silently nothing before the keys are there."""
        ...

    def line(self, sending: Sending) -> Outbound:
        """A copy that can be sent to this connection."""
        ...

    def drop(self) -> None:
        """The connection ends; nothing is sent or heard any more."""
        ...


class Engine(Protocol):
    """One of the three."""

    name: str

    def carrier(self, ears: Ears) -> Carrier | None:
        """For a new connection; None when aiortc's own transport carries it."""
        ...

    def counts(self) -> dict[str, int]:
        """Numbers since the start: received, sent, strangers, refused, overflow, unsent."""
        ...

    def settle(self) -> None:
        """Tell of everything that has come, now."""
        ...

    def stop(self) -> None:
        """Close the socket."""
        ...


class HookEngine:
    """aiortc's own sockets; always possible."""

    name = "hook"

    def carrier(self, ears: Ears) -> Carrier | None:
        """None: aiortc carries."""
        del ears
        return None

    def counts(self) -> dict[str, int]:
        """Nothing is counted."""
        return {}

    def settle(self) -> None:
        """Everything is told as it comes."""

    def stop(self) -> None:
        """There is nothing to close."""
