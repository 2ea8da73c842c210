"""The engine in C as Python sees it: records in, routes and RTCP out; it does not know rooms.

The thread forwards by itself. Here its records are emptied in portions, which is what keeps Python cheap,
or at once when it rings: somebody connects or moves, or a packet is missing or asked for.
"""

import asyncio
import importlib
import ipaddress
import logging
import os
import socket
import struct
import time
from typing import Any

from odr.mediation.media import srtp
from odr.mediation.media.engine import DEAF, Ears, Place
from odr.mediation.media.hub import Address, Hub, Way
from odr.mediation.media.lines import Outbound, Sending, Shifts
from odr.mediation.media.rtp import Packet, Run
from odr.mediation.media.streams import Inbound

logger = logging.getLogger(__name__)

NAP_US = 700
DRAIN_S = 0.12  # what is cold after a pause costs more than the packets: few large portions
RTCP, STRANGER, RUN = 2, 4, 5
HEAD = struct.Struct("=IHHIHBBQBBHIII")
RUN_HEAD = struct.Struct("=IH?B")
OUTSIDE = (3, 4)  # STUN, DTLS; the head of a stranger's media
COUNTS = ("received", "sent", "strangers", "refused", "overflow", "unsent")


class NativeEngine:
    """One socket and one thread for all connections of a node."""

    name = "native"

    def __init__(self, place: Place) -> None:
        """Bind and start; ImportError when it was not built, OSError when no port is free."""
        module: Any = importlib.import_module("odr.mediation.media.native._engine")
        self.lib, self.ffi = module.lib, module.ffi
        if self.ffi.sizeof("record") != HEAD.size:
            raise ImportError("the native engine is of another version")
        functions = self.ffi.new("srtp_functions *")
        at = dict(zip(srtp.NAMES, srtp.addresses(), strict=True))
        for name in srtp.NAMES:
            setattr(functions, name.removeprefix("srtp_"), self.pointer(at[name]))
        address = _number(place.host or "0.0.0.0")  # noqa: S104 -- the owner chose to bind all
        self.core = self.lib.engine_new(address, *place.ports, functions)
        if self.core == self.ffi.NULL:
            raise OSError(f"no free UDP port in {place.ports[0]}-{place.ports[1]}")
        self.carriers: dict[int, NativeCarrier] = {}
        self.hub = Hub(place.offered, self._send_to)
        self.hub.port = self.lib.engine_port(self.core)
        self._out = self.ffi.new("char **")
        self._draining = False
        self._loop = asyncio.get_running_loop()
        self._bell = self.lib.engine_bell(self.core)
        self._loop.add_reader(self._bell, self._rung)
        self._timer: asyncio.TimerHandle | None = self._loop.call_later(DRAIN_S, self._due)
        if self.lib.engine_start(self.core, NAP_US):
            raise OSError("no thread")

    def pointer(self, address: int) -> Any:  # noqa: ANN401 -- cffi's
        """A pointer of our library to what another library made."""
        return self.ffi.cast("void *", address)

    def carrier(self, ears: Ears) -> "NativeCarrier":
        """For a new connection."""
        return NativeCarrier(self, ears)

    def counts(self) -> dict[str, int]:
        """Numbers since the start."""
        out = self.ffi.new("engine_counts *")
        self.lib.engine_count(self.core, out)
        return {name: int(getattr(out, name)) for name in COUNTS}

    def stop(self) -> None:
        """End the thread, close the socket."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
            self._loop.remove_reader(self._bell)
            self.lib.engine_stop(self.core)
            self.drain()
            for carrier in list(self.carriers.values()):
                carrier.drop()
            core, self.core = self.core, self.ffi.NULL
            self.lib.engine_free(core)

    def _send_to(self, data: bytes, addr: Address) -> None:
        if self.core:
            self.lib.engine_send_to(self.core, _number(addr[0]), addr[1], data, len(data))

    def _rung(self) -> None:
        os.eventfd_read(self._bell)
        self.drain()

    def _due(self) -> None:
        # on the grid of the rooms' ticks, so that all wake up together
        self._timer = self._loop.call_later(DRAIN_S - time.monotonic() % DRAIN_S, self._due)
        if self.carriers:
            self.drain()

    def settle(self) -> None:
        """Before somebody is no longer heard: what came until now is hers."""
        if self.core:
            self.drain()

    def drain(self) -> None:
        """Give everybody what has come; not while that is being done: the records would be overwritten."""
        if self._draining:
            return
        self._draining = True
        try:
            size = self.lib.engine_drain(self.core, self._out)
            if size:
                self._give(self.ffi.buffer(self._out[0], size))
        finally:
            self._draining = False

    def _give(self, pile: Any) -> None:  # noqa: ANN401 -- cffi's buffer; slices of it are bytes
        place, size, head, unpack = 0, len(pile), HEAD.size, HEAD.unpack_from
        while place < size:
            record = unpack(pile, place)
            begin = place + head
            data = pile[begin : begin + record[2]]
            place += record[0]
            if record[1] in OUTSIDE:
                self._outside(record, data)
            elif (carrier := self.carriers.get(record[3])) is not None:
                try:
                    (carrier.ran if record[1] == RUN else carrier.took)(record, data)
                except Exception:  # one packet must never end the loop that brings the others
                    logger.exception("a packet could not be handled")

    def _outside(self, record: tuple[int, ...], data: bytes) -> None:
        take = self.hub.stranger if record[1] == STRANGER else self.hub.datagram
        take(data, (_dotted(record[3]), record[4]))


class NativeCarrier:
    """One connection: a number in the engine."""

    def __init__(self, engine: NativeEngine, ears: Ears) -> None:
        """Nothing is heard before ``gather`` and ``keys``."""
        self.engine, self._ears = engine, ears
        self.id = -1
        self._way: Way | None = None
        self._sessions: tuple[Any, Any] | None = None
        self._heard = 0.0
        self._ssrcs: set[int] = set()

    def gather(self, ice: Any, level_id: int) -> None:  # noqa: ANN401 -- aioice's connection
        """Take the place of aioice's own sockets."""
        self.id = self.engine.lib.engine_peer(self.engine.core, level_id)
        if self.id < 0:
            raise RuntimeError("the engine has no place for another connection")
        self.engine.carriers[self.id] = self
        self._way = Way(self.engine.hub, ice, self._moved)
        self._ssrcs = self._way.ssrcs
        self._way.quiet = lambda: time.monotonic() - self._heard
        ice.get_component_candidates = self._way.candidates

    def _moved(self, address: Address) -> None:
        if self.id >= 0:
            core, number = self.engine.core, _number(address[0])
            self.engine.lib.engine_address(core, self.id, number, address[1])

    def keys(self, rx: Any, tx: Any) -> None:  # noqa: ANN401 -- pylibsrtp's sessions
        """DTLS is done; the sessions are kept alive here as long as the thread uses them."""
        if self.id < 0:
            return
        self._sessions = (rx, tx)
        pointers = [int(srtp.ffi.cast("uintptr_t", srtp.context(one))) for one in (rx, tx)]
        there = [self.engine.pointer(one) for one in pointers]
        self.engine.lib.engine_keys(self.engine.core, self.id, *there)

    def took(self, record: tuple[int, ...], data: bytes) -> None:
        """RTCP, or a packet that the thread did not know what to do with."""
        at = record[7] / 1e6
        if record[1] == RTCP:
            self._ears.rtcp(data, at)
            return
        self._speaks(record[12], at)
        pt, marker, seq, ts, ssrc, level = record[8], record[9] != 0, *record[10:13], record[6]
        self._ears.packet(Packet(pt, marker, seq, ts, ssrc, data, level, at))

    def ran(self, record: tuple[int, ...], data: bytes) -> None:
        """Packets of a stream with consecutive numbers, forwarded; ``at`` is when the last one came."""
        pt, seq, ssrc, at = record[8], record[10], record[12], record[7] / 1e6
        self._speaks(ssrc, at)
        begin = record[4] * RUN_HEAD.size
        packets = []
        for ts, length, marker, level in RUN_HEAD.iter_unpack(data[:begin]):
            end = begin + length
            packets.append(Packet(pt, marker, seq, ts, ssrc, data[begin:end], level, at))
            begin, seq = end, seq + 1 & 0xFFFF
        self._ears.forwarded(Run(packets, record[2] - record[4] * RUN_HEAD.size, record[13]))

    def _speaks(self, ssrc: int, at: float) -> None:
        self._heard = at
        if ssrc not in self._ssrcs and self._way is not None:
            self._way.speaks(ssrc)

    def send(self, data: bytes) -> None:
        """Encrypt and send."""
        if self.id >= 0:
            self.engine.lib.engine_send(self.engine.core, self.id, data, len(data), -1)

    def line(self, sending: Sending) -> Outbound:
        """A copy that the thread makes."""
        return Outbound(sending, NativeCable(self, sending.ssrc))

    def drop(self) -> None:
        """The number is free again; what has come until now is told first, also of who is taken over."""
        if self.id >= 0:
            self.engine.settle()
            self.engine.carriers.pop(self.id, None)
            self.engine.lib.engine_drop(self.engine.core, self.id)
            self.id, self._sessions, self._ears = -1, None, DEAF


class NativeCable:
    """One line of the engine."""

    def __init__(self, carrier: NativeCarrier, ssrc: int) -> None:
        """To be fed later."""
        self._carrier = carrier
        self._lib, self._ffi = carrier.engine.lib, carrier.engine.ffi
        self._id = self._lib.engine_line(carrier.engine.core, carrier.id, ssrc)
        self._state = self._ffi.new("line_state *")

    @property
    def _lives(self) -> bool:
        return self._carrier.id >= 0 and self._id >= 0

    def feed(self, source: Any, stream: Inbound, pt: int) -> None:  # noqa: ANN401
        """Copy that stream of that carrier."""
        if not self._lives or source is None or source.id < 0:
            return
        core = self._carrier.engine.core
        self._lib.engine_stream(core, source.id, stream.pt, stream.rate)
        self._lib.engine_route(core, source.id, stream.pt, self._id, pt)

    def cut(self) -> None:
        """Copy nothing."""
        if self._lives:
            self._lib.engine_unroute(self._carrier.engine.core, self._id)

    def allow(self, *, allowed: bool) -> None:
        """Send the copies, or hold them back."""
        if self._lives:
            self._lib.engine_allow(self._carrier.engine.core, self._id, int(allowed))

    def shifts(self) -> Shifts:
        """Where the numbers stand."""
        if not self._lives:
            return Shifts(0, 0, 0, 0, 0, known=False)
        self._lib.engine_line_state(self._carrier.engine.core, self._id, self._state)
        one = self._state
        known = one.source_peer >= 0 and one.packets > 0
        return Shifts(
            one.shift_seq, one.shift_ts, one.first_seq, one.packets, one.octets, known=known
        )


def _number(host: str) -> int:
    """An IPv4 address in network order, as C keeps it."""
    return int(struct.unpack("=I", socket.inet_aton(str(ipaddress.IPv4Address(host))))[0])


def _dotted(number: int) -> str:
    return socket.inet_ntoa(struct.pack("=I", number))
