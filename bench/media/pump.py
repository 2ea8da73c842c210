"""All participants of a run: what they send, what each gets of whom; it does not know rooms' servers."""

import asyncio
import struct
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from pylibsrtp._binding import ffi as srtp_ffi
from pylibsrtp._binding import lib as srtp_lib

from bench.media import control
from bench.media.client import Wire
from bench.media.load.build import loaded
from bench.media.material import Material

NEWS = 1 << 20
MOST_COPIES = 16
PARTS = 24
BUCKETS, BUCKET_MS = 200_000, 0.01
RTP, RTCP = 1, 2
KINDS = ("audio", "video")
FUNCTIONS = ("protect", "unprotect", "protect_rtcp", "unprotect_rtcp")


@dataclass(eq=False, slots=True)
class Stream:
    """One thing a participant sends."""

    id: int
    kind: str
    ssrc: int


@dataclass(eq=False, slots=True)
class Seat:
    """One participant; where there are two wires (Janus), the first sends and the second receives."""

    room: str
    number: int
    streams: list[Stream] = field(default_factory=list)
    wires: list[tuple[int, Wire]] = field(default_factory=list)
    first_packet: asyncio.Event = field(default_factory=asyncio.Event)
    first_at: float = 0.0


@dataclass(frozen=True, slots=True)
class Counted:
    """What happened in a window; latencies in milliseconds, None where no copy could be matched."""

    sent: int
    expected: int
    received: int
    p50_ms: float | None
    p99_ms: float | None
    late_share: float
    worst_late_ms: float
    not_sent: int
    units: int
    missing: list[str]

    @property
    def loss_pct(self) -> float:
        """Copies that did not come, in per cent of those that should have."""
        return 100 * (1 - self.received / self.expected) if self.expected else 100.0


class Pump:
    """The load thread with its seats; ``start`` and ``stop`` in a running loop."""

    def __init__(self, material: Material, rate: int = control.GOOD_LINE) -> None:
        module = loaded()
        self._ffi, self._lib = module.ffi, module.lib
        functions = self._ffi.new("srtp_functions *")
        for name in FUNCTIONS:
            setattr(functions, name, self._pointer(srtp_ffi.addressof(srtp_lib, f"srtp_{name}")))
        self._load = self._lib.load_new(functions)
        self._buffer = self._ffi.new("char[]", NEWS)
        self._copies = self._ffi.new("copy_state[]", MOST_COPIES)
        self._state = self._ffi.new("stream_state *")
        self.material, self._rate = material, rate
        self.seats: list[Seat] = []
        self.counts: Counter[str] = Counter()
        self._wires: dict[int, tuple[Seat, Wire]] = {}
        self._reports: asyncio.Task[None] | None = None
        self._give_material()

    def _pointer(self, other: object) -> object:
        return self._ffi.cast("void *", int(srtp_ffi.cast("uintptr_t", other)))

    def _give_material(self) -> None:
        for number, voice in enumerate(self.material.voices):
            units = ([[one] for one in voice.sound], voice.pictures)
            for kind, of_kind in enumerate(units):
                for at, parts in enumerate(of_kind):
                    for part in parts:
                        if self._lib.load_part(self._load, number, kind, at, part, len(part)):
                            raise RuntimeError("the material does not fit the load generator")

    def start(self) -> None:
        """Begin to send and to receive."""
        loop = asyncio.get_running_loop()
        loop.add_reader(self._lib.load_bell(self._load), self._news)
        if self._lib.load_start(self._load):
            raise RuntimeError("the load thread did not start")
        self._reports = asyncio.ensure_future(self._report_each_second())

    def stop(self) -> None:
        """End; the pump cannot be started again."""
        if self._reports:
            self._reports.cancel()
        asyncio.get_running_loop().remove_reader(self._lib.load_bell(self._load))
        self._lib.load_free(self._load)

    def add(self, seat: Seat) -> None:
        """A seat is there; it may have no wires yet."""
        self.seats.append(seat)

    def plug(self, seat: Seat, wire: Wire) -> None:
        """A connection of the seat: what it has to send goes out from now on."""
        keys = [self._pointer(key) for key in (wire.protect, wire.unprotect)]
        number = self._lib.load_wire(self._load, wire.sock.fileno(), *keys)
        if number < 0:
            raise RuntimeError("the load generator has no wire left")
        self._wires[number] = (seat, wire)
        seat.wires.append((number, wire))
        for line in wire.lines:
            kind = KINDS.index(line.kind)
            about = (line.ssrc, line.pt, seat.number, kind, wire.loudness)
            stream = self._lib.load_stream(self._load, number, *about)
            if stream < 0:
                raise RuntimeError("the load generator has no stream left")
            seat.streams.append(Stream(stream, line.kind, line.ssrc))

    def remove(self, seat: Seat) -> None:
        """The seat leaves; what the others got of it may become copies of something else."""
        self.seats.remove(seat)
        for number, _ in seat.wires:
            self._lib.load_unwire(self._load, number)
            del self._wires[number]
        gone = {stream.id for stream in seat.streams}
        for other in self.seats:
            for number, copy in self._copies_of(other):
                if other.room == seat.room and copy.source in gone:
                    self._lib.load_forget(self._load, number, copy.ssrc)

    def _copies_of(self, seat: Seat) -> Iterator[tuple[int, Any]]:
        for number, _ in seat.wires:
            count = self._lib.load_copies(self._load, number, self._copies, MOST_COPIES)
            for at in range(count):
                yield number, self._copies[at]

    # -- a window -----------------------------------------------------------------

    def window(self, *, is_open: bool) -> None:
        """Count from now on, or no more."""
        self._lib.load_window(self._load, int(is_open))

    def counted(self, *, matched: bool = True) -> Counted:
        """What came of what was sent in the last window; ask half a second after its end."""
        sent = {
            stream.id: self._in_window(stream) for seat in self.seats for stream in seat.streams
        }
        expected, received, missing = self._followed(sent) if matched else (0, 0, self._silent())
        p50, p99 = self._latency()
        counts = self._ffi.new("load_counts *")
        self._lib.load_count(self._load, counts)
        late = counts.late_units / counts.units if counts.units else 0.0
        worst = counts.worst_late_us / 1000
        total = sum(sent.values())
        rest = (late, worst, counts.not_sent, counts.units, missing)
        return Counted(total, expected, received, p50, p99, *rest)

    def _followed(self, sent: dict[int, int]) -> tuple[int, int, list[str]]:
        """How many copies should have come, did come, and which streams did not come at all."""
        expected, received, missing = 0, 0, []
        for seat in self.seats:
            got = {one.source: one.in_window for _, one in self._copies_of(seat) if one.source >= 0}
            for other in self._others(seat):
                for stream in other.streams:
                    expected += sent[stream.id]
                    received += got.get(stream.id, 0)
                    if not got.get(stream.id):
                        about = f"{stream.kind} of {other.number} at {seat.number}"
                        missing.append(f"{about} in {seat.room}")
        return expected, received, missing

    def _silent(self) -> list[str]:
        """Who gets fewer streams than the others send, where copies cannot be told apart."""
        return [
            f"something at {seat.number} in {seat.room}"
            for seat in self.seats
            if sum(1 for _, copy in self._copies_of(seat) if copy.packets)
            < sum(len(other.streams) for other in self._others(seat))
        ]

    def _others(self, seat: Seat) -> list[Seat]:
        return [one for one in self.seats if one.room == seat.room and one is not seat]

    def _in_window(self, stream: Stream) -> int:
        self._lib.load_stream_state(self._load, stream.id, self._state)
        return int(self._state.in_window)

    def _latency(self) -> tuple[float | None, float | None]:
        buckets = self._ffi.new("uint32_t[]", BUCKETS)
        self._lib.load_latency(self._load, buckets, BUCKETS)
        counts = list(buckets)
        total, so_far, found = sum(counts), 0, []
        if not total:
            return None, None
        wanted = [0.5 * total, 0.99 * total]
        for at, count in enumerate(counts):
            so_far += count
            while wanted and so_far >= wanted[0]:
                wanted.pop(0)
                found.append(round((at + 0.5) * BUCKET_MS, 3))
        return found[0], found[1]

    # -- control ------------------------------------------------------------------

    def _news(self) -> None:
        size = self._lib.load_news(self._load, self._buffer, NEWS)
        view, at = bytes(self._ffi.buffer(self._buffer, size)), 0
        while at < size:
            number, kind, length = struct.unpack_from("=iHH", view, at)
            data = view[at + 8 : at + 8 + length]
            at += 8 + length
            owner = self._wires.get(number)
            if owner is None:
                continue
            if kind == RTP:
                self._learn(number, owner[0], data)
            elif kind == RTCP:
                self._heard(number, owner[0], data)
            else:
                owner[1].other(data)

    def _learn(self, number: int, seat: Seat, packet: bytes) -> None:
        """Which stream this copy is of and how its numbers are shifted."""
        if not seat.first_at:
            seat.first_at = time.perf_counter()
            seat.first_packet.set()
        known = self.material.recognise(_payload(packet))
        if known is None:
            self.counts["not recognised"] += 1
            return
        voice, kind, index = known
        seq, ssrc = struct.unpack_from("!2xH4xI", packet)
        for other in self.seats:
            if other.room == seat.room and other.number == voice:
                for stream in other.streams:
                    if stream.kind == kind:
                        self._lib.load_learn(self._load, number, ssrc, seq, stream.id, index)

    def _heard(self, number: int, seat: Seat, data: bytes) -> None:
        for kind, form, ssrc, body in control.parts(data):
            if kind == control.SENDER:
                lsr = struct.unpack_from("!I", body, 2)[0]
                self._lib.load_report(self._load, number, ssrc, lsr)
            elif kind == control.PAYLOAD and form in (control.PLI, control.FIR):
                self.counts["key frames asked for"] += 1
                for stream in seat.streams:
                    self._lib.load_restart(self._load, stream.id)
            elif kind == control.TRANSPORT and form == control.NACK:
                self.counts["asked again"] += 1

    async def _report_each_second(self) -> None:
        while True:
            pause = 1.0 / (len(self.seats) or 1)  # spread, as people are
            for seat in list(self.seats):
                if seat.wires and seat in self.seats:
                    self._report(seat)
                await asyncio.sleep(pause)
            if not self.seats:
                await asyncio.sleep(pause)

    def _report(self, seat: Seat) -> None:
        first, last = seat.wires[0], seat.wires[-1]
        for stream in seat.streams:
            self._lib.load_stream_state(self._load, stream.id, self._state)
            state = self._state
            sent = control.Sent(stream.ssrc, state.ts, state.sent, state.octets)
            self._control(first[0], control.sender_report(sent))
        now = self._lib.load_now_us() / 1e6
        heard = [
            control.Heard(copy.ssrc, copy.highest, copy.lsr, copy.told_us / 1e6)
            for number, copy in self._copies_of(seat)
            if number == last[0]
        ]
        if heard:
            report = control.receiver_report(last[1].ssrc, heard[:8], now, self._rate)
            self._control(last[0], report)

    def _control(self, number: int, data: bytes) -> None:
        self._lib.load_control(self._load, number, data, len(data))


def _payload(packet: bytes) -> bytes:
    head = 12 + 4 * (packet[0] & 15)
    if packet[0] & 0x10:
        head += 4 + 4 * struct.unpack_from("!H", packet, head + 2)[0]
    return packet[head:]
