"""One connection of one seat: what it sends, what it is sent, how well that goes; it does not know the room."""

import asyncio
import secrets
import time
from collections.abc import Mapping, Sequence
from dataclasses import InitVar, dataclass, field
from typing import Any

from odr.mediation.media import rtp
from odr.mediation.media.adapter import Connection, Hooks
from odr.mediation.media.congestion import Congestion, Load
from odr.mediation.media.frames import Assembler, Frame
from odr.mediation.media.lines import Outbound
from odr.mediation.media.order import Order
from odr.mediation.media.rtp import Packet
from odr.mediation.media.sdp import Offer, asks_again
from odr.mediation.media.streams import NACK_EVERY_S, REORDER_S, Inbound
from odr.recordings.timeline import SeatClock

KEY_EVERY_S = 0.5
MOST_BPS, LEAST_BPS = 1_000_000, 150_000
LOSS_HIGH, LOSS_LOW = 0.10, 0.02
SHRINK, GROW = 0.85, 1.08
SILENT_LEVEL = 127
SOUND_PATIENCE_S = 0.2
FAIR_LOSS, POOR_LOSS = 0.03, 0.10
FAIR_RTT, POOR_RTT = 250, 600


@dataclass(slots=True)
class Slot:
    """A pair of lines on which one other seat is sent."""

    audio: Outbound
    video: Outbound
    seat: str | None = None

    def of(self, kind: str) -> Outbound:
        """The line of a kind."""
        return self.audio if kind == "audio" else self.video


@dataclass(slots=True)
class Peer:
    """A seat's connection; ``seat_epoch`` grows with every new one.

    Peers of one ``group`` hear and see each other; "" is the joint room, any other a caucus.
    What a peer sends is given to the recorder while it is ``recorded``.
    """

    seat: str
    seat_epoch: int
    publishes: bool
    hooks: InitVar[Hooks]
    connection: Connection = field(init=False)
    ssrc: int = field(default_factory=lambda: secrets.randbits(32) or 1)
    inbound: dict[int, Inbound] = field(default_factory=dict)
    repeats: dict[int, Inbound] = field(default_factory=dict)  # by the type of the repeats
    slots: list[Slot] = field(default_factory=list)
    clock: SeatClock = field(default_factory=SeatClock)
    pictures: Assembler | None = None
    sounds: Order = field(default_factory=lambda: Order(SOUND_PATIENCE_S))
    key_frame: Frame | None = None
    key_news: asyncio.Event = field(default_factory=asyncio.Event)
    settled: asyncio.Event = field(default_factory=asyncio.Event)  # connected, or never will be
    connected: bool = False
    heard_at: float = 0.0
    level: float = SILENT_LEVEL
    group: str = ""
    recorded: bool = True
    cap: int = MOST_BPS
    line: Congestion = field(default_factory=Congestion)
    estimate_bps: int = 0
    rtt_s: float = 0.0
    down_loss: float = 0.0
    _kinds: dict[str, Inbound] = field(default_factory=dict)
    _sent: tuple[int, float] = (0, 0.0)
    _asking: asyncio.TimerHandle | None = None
    _key_asked: float = 0.0
    _key_wanted: bool = False

    def __post_init__(self, hooks: Hooks) -> None:
        """Make the transport; the hooks know this peer and are let go when it has ended."""
        self.connection = Connection(hooks)

    async def answer(self, offer: Offer) -> str:
        """Take the offer; Refused when it cannot be used."""
        text = await self.connection.answer(offer)
        for line in offer.lines[:2]:
            if self.publishes and line.direction == "sendonly":
                pt, codec = next(iter(line.codecs.items()))
                stream = self._kinds[line.kind] = self.inbound[pt] = Inbound(line.kind, pt, codec)
                stream.resends = asks_again(line)
                self.repeats |= dict.fromkeys(line.repeats.values(), stream)
                if line.kind == "video":
                    self.pictures = Assembler(codec)
        lines = self.connection.outbounds()
        self.slots = [Slot(*pair) for pair in zip(lines[::2], lines[1::2], strict=True)]
        return text

    def stream(self, kind: str) -> Inbound | None:
        """What it sends of a kind."""
        return self._kinds.get(kind)

    def slot_of(self, seat: str) -> Slot | None:
        """Where it is sent that seat."""
        return next((slot for slot in self.slots if slot.seat == seat), None)

    def assembled(self, packets: Sequence[Packet], now: float) -> list[Frame]:
        """The pictures that these packets complete; remembers the last key frame."""
        if self.pictures is None:
            return []
        frames = self.pictures.run(packets, now)
        for frame in frames:
            if frame.key:
                self.key_frame = frame
                self.key_news.set()
        return frames

    def want_key(self) -> None:
        """Somebody needs a key frame from it; asked for at once, but at most twice a second."""
        self._key_wanted = True
        self.ask_soon(0.0)

    def ask_soon(self, wait_s: float = REORDER_S) -> None:
        """Ask soon, and again until what is missing has come or is given up; it may only be late at first."""
        if self._asking is None:
            self._asking = asyncio.get_running_loop().call_later(wait_s, self._asked)

    def _asked(self) -> None:
        self._asking = None
        self.ask(time.monotonic())
        if any(stream.gaps for stream in self._kinds.values()):
            self.ask_soon(NACK_EVERY_S)

    def ask(self, now: float) -> None:
        """Send what is due upstream: a key request, requests for lost packets."""
        for stream in self._kinds.values():
            seqs = stream.wanted(now, self.rtt_s)
            if seqs and stream.resends:
                self.connection.send(rtp.nack(self.ssrc, stream.ssrc, seqs))
        video = self.stream("video")
        if video is None or not video.ssrc:
            return
        if self.pictures is not None and self.pictures.wants_key:
            self._key_wanted = True
        if self._key_wanted and now - self._key_asked >= KEY_EVERY_S:
            self._key_wanted, self._key_asked = False, now
            self.connection.send(rtp.key_request(self.ssrc, video.ssrc))

    def report(self, now: float) -> None:
        """Tell it every second what arrived and how much it may send."""
        streams = [one for one in self.inbound.values() if one.ssrc]
        if not streams:
            return
        told = rtp.receiver_report(self.ssrc, [one.report(now) for one in streams])
        worst = max(one.fraction for one in streams) / 256
        if worst > LOSS_HIGH:
            self.cap = max(LEAST_BPS, int(self.cap * SHRINK))
        elif worst < LOSS_LOW:
            self.cap = min(MOST_BPS, int(self.cap * GROW))
        video = self.stream("video")
        if video is not None and video.ssrc:
            told += rtp.bitrate_cap(self.ssrc, video.ssrc, self.cap)
        self.connection.send(told)

    def load(self, now: float, upstream: Mapping[int, float]) -> Load:
        """What it has been sent since the last call, and what it says of that.

        A copy has the gaps of its source: ``upstream`` is what was lost there already, by SSRC of the copy.
        """
        sent = [line for slot in self.slots if slot.seat for line in (slot.audio, slot.video)]
        octets = sum(line.octets for line in sent)
        before, at = self._sent
        self._sent = (octets, now)
        self.rtt_s = max([line.rtt_ms for line in sent] + [0]) / 1000
        bps = int(max(0, octets - before) * 8 / max(now - at, 0.1))
        lost = [line.loss - upstream.get(line.ssrc, 0.0) for line in sent if line.allowed]
        self.down_loss = max([*lost, 0.0])
        return Load(bps, self.estimate_bps, self.down_loss)

    def status(self) -> dict[str, Any]:
        """Numbers about the line, for the people who look after it."""
        streams = list(self.inbound.values())
        sent = [line for slot in self.slots if slot.seat for line in (slot.audio, slot.video)]
        loss = max([one.fraction / 256 for one in streams] + [self.down_loss])
        jitter = max([one.jitter * 1000 / one.rate for one in streams] + [0.0])
        rtt = max([line.rtt_ms for line in sent] + [0])
        return {
            "connected": self.connected,
            "epoch": self.seat_epoch,
            **{f"{one.kind}_bytes": one.bytes for one in streams},
            "loss": round(loss, 3),
            "jitter_ms": round(jitter),
            "rtt_ms": rtt,
            "level": round(self.level),
        }

    def quality(self) -> dict[str, Any]:
        """The same in one word: good, fair or poor."""
        numbers = self.status()
        loss, rtt = numbers["loss"], numbers["rtt_ms"]
        word = "good"
        if loss > FAIR_LOSS or rtt > FAIR_RTT:
            word = "fair"
        if loss > POOR_LOSS or rtt > POOR_RTT:
            word = "poor"
        return {**{name: numbers[name] for name in ("loss", "jitter_ms", "rtt_ms")}, "word": word}
