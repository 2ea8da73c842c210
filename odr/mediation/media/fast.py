"""The engine in Python: one socket, libsrtp called directly; it does not know rooms."""

import asyncio
import logging
import random
import socket
import time
from contextlib import suppress
from typing import Any

from odr.mediation.media import rtp, srtp
from odr.mediation.media.engine import DEAF, Ears, Place
from odr.mediation.media.hub import Address, Hub, Way
from odr.mediation.media.lines import Outbound, Sending

logger = logging.getLogger(__name__)

BATCH = 64
LONGEST = 2048
BUFFER = 4 << 20
TRIES = 64
EVERYWHERE = "0.0.0.0"  # noqa: S104 -- recognised, and bound only when it was asked for


def bound(host: str, ports: tuple[int, int]) -> socket.socket:
    """A UDP socket on a free port of the range; OSError when there is none."""
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.settimeout(0)
    with suppress(OSError):
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER)
    for _ in range(TRIES):
        try:
            sock.bind((host, random.randint(*ports)))  # noqa: S311 -- a port is no secret
        except OSError:
            continue
        return sock
    sock.close()
    raise OSError(f"no free UDP port in {ports[0]}-{ports[1]}")


class FastEngine:
    """All connections of a node on one socket, read by the event loop."""

    name = "fast"

    def __init__(self, place: Place) -> None:
        """Bind at once; ImportError or AttributeError when pylibsrtp is another one."""
        srtp.addresses()
        self.box = srtp.Box()
        self.by_address: dict[Address, FastCarrier] = {}
        self._counts = dict.fromkeys(("received", "sent", "strangers", "refused", "unsent"), 0)
        self._socket = bound(place.host or EVERYWHERE, place.ports)
        self.hub = Hub(place.offered, self.send_to)
        self.hub.port = self._socket.getsockname()[1]
        asyncio.get_running_loop().add_reader(self._socket, self._readable)

    def carrier(self, ears: Ears) -> "FastCarrier":
        """For a new connection."""
        return FastCarrier(self, ears)

    def counts(self) -> dict[str, int]:
        """Numbers since the start."""
        return dict(self._counts)

    def count(self, name: str) -> None:
        """One more of something."""
        self._counts[name] += 1

    def settle(self) -> None:
        """Everything is told as it comes."""

    def stop(self) -> None:
        """Close the socket."""
        asyncio.get_running_loop().remove_reader(self._socket)
        self._socket.close()

    def send_to(self, data: bytes, addr: Address) -> None:
        """Send one datagram; a full buffer loses it, as a network would."""
        try:
            self._socket.sendto(data, addr)
            self._counts["sent"] += 1
        except OSError:
            self._counts["unsent"] += 1

    def _readable(self) -> None:
        for _ in range(BATCH):
            try:
                data, addr = self._socket.recvfrom(LONGEST)
            except OSError:
                return
            self._counts["received"] += 1
            if data and 128 <= data[0] <= 191:  # noqa: PLR2004 -- RFC 7983: RTP and RTCP
                carrier = self.by_address.get(addr)
                if carrier is None:  # before any decryption
                    self._counts["strangers"] += 1
                    self.hub.stranger(data, addr)
                else:
                    self._give(carrier, data)
            else:
                self.hub.datagram(data, addr)

    def _give(self, carrier: "FastCarrier", data: bytes) -> None:
        try:
            carrier.took(data)
        except Exception:  # one packet must never end the loop that brings the others
            logger.exception("a packet could not be handled")


class FastCarrier:
    """One connection on the shared socket."""

    def __init__(self, engine: FastEngine, ears: Ears) -> None:
        """Nothing is heard before ``gather`` and ``keys``."""
        self._engine, self._ears = engine, ears
        self._way: Way | None = None
        self._address: Address | None = None
        self._sessions: tuple[Any, Any] | None = None
        self._heard = 0.0
        self._level_id = 0

    def gather(self, ice: Any, level_id: int) -> None:  # noqa: ANN401 -- aioice's connection
        """Take the place of aioice's own sockets."""
        self._level_id = level_id
        self._way = Way(self._engine.hub, ice, self._moved)
        self._way.quiet = lambda: time.monotonic() - self._heard
        ice.get_component_candidates = self._way.candidates

    def _moved(self, address: Address) -> None:
        known = self._engine.by_address
        if self._address is not None and known.get(self._address) is self:
            del known[self._address]
        self._address = address
        known[address] = self

    def keys(self, rx: Any, tx: Any) -> None:  # noqa: ANN401 -- pylibsrtp's sessions
        """DTLS is done."""
        self._sessions = (rx, tx)

    def took(self, data: bytes) -> None:
        """An encrypted packet from the proved address."""
        if self._sessions is None or len(data) < rtp.HEADER.size:
            return
        context, run = srtp.context(self._sessions[0]), self._engine.box.run
        if rtp.is_control(data):
            clear = run(srtp.lib.srtp_unprotect_rtcp, context, data)
            if clear is not None:
                self._ears.rtcp(clear, time.monotonic())
        else:
            clear = run(srtp.lib.srtp_unprotect, context, data)
            now = time.monotonic()
            packet = rtp.parse(clear, self._level_id, now) if clear is not None else None
            if packet is not None:
                self._heard = now
                if self._way is not None:
                    self._way.speaks(packet.ssrc)
                self._ears.packet(packet)
        if clear is None:
            self._engine.count("refused")

    def send(self, data: bytes) -> None:
        """Encrypt and send."""
        if self._sessions is None or self._address is None:
            return
        function = srtp.lib.srtp_protect_rtcp if rtp.is_control(data) else srtp.lib.srtp_protect
        sealed = self._engine.box.run(function, srtp.context(self._sessions[1]), data)
        if sealed is not None:
            self._engine.send_to(sealed, self._address)

    def line(self, sending: Sending) -> Outbound:
        """A copy made in Python."""
        return Outbound(sending)

    def drop(self) -> None:
        """Hear and send nothing more."""
        self._sessions, self._ears = None, DEAF
        if self._address is not None and self._engine.by_address.get(self._address) is self:
            del self._engine.by_address[self._address]
