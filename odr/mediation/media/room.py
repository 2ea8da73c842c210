"""One room: seats, their connections, the recording; it does not know the web or who the people are."""

import asyncio
import base64
import logging
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import Any, TypeVar

from odr.errors import OdrError, Refused
from odr.mediation.media import pictures, rtp
from odr.mediation.media.adapter import Hooks
from odr.mediation.media.apart import Apart, unrecorded
from odr.mediation.media.engine import Ears
from odr.mediation.media.floor import Floor
from odr.mediation.media.forwarding import Forwarder
from odr.mediation.media.frames import Frame
from odr.mediation.media.ground import Ground
from odr.mediation.media.peer import Peer
from odr.mediation.media.sdp import read_offer
from odr.recordings.writer import CAUCUS, DISK_FULL, RoomRecorder

logger = logging.getLogger(__name__)

T = TypeVar("T")
Json = dict[str, Any]
CONNECT_SECONDS = 15.0
SILENCE_SECONDS = 5.0
TICK_SECONDS = 0.12  # as the engine's turns: one waking for both
FLUSH_SECONDS = 0.7  # and a tick and two fsyncs: less than a second is lost when all ends
SECOND = 1.0
SPEAKER_SECONDS = 0.2
QUALITY_SECONDS = 2.0
FRESH_PICTURE_SECONDS = 2.0
MOST_SEATS, MOST_OBSERVERS = 6, 10


@dataclass(slots=True)
class _Due:
    flush: float = 0.0
    second: float = 0.0
    quality: float = 0.0
    speaker: float = 0.0


class Room:
    """A room that lives on this node under one epoch."""

    def __init__(self, ground: Ground, recorder: RoomRecorder, name: str, meta: Json) -> None:
        """Use ``opened``. There is always a recorder, even where nothing is recorded."""
        self.name, self.epoch, self.meta = name, recorder.epoch, meta
        self.recorder = recorder
        self.last_epoch: dict[str, int] = {}
        self._ground = ground
        self._forwarder = Forwarder(self, self._slots_changed)
        self._disk = asyncio.Lock()
        self._tasks: set[asyncio.Task[Any]] = set()
        self._due = _Due()
        self._floor = Floor()
        self._pictures: dict[str, dict[str, str]] = {}
        self._closed = False
        self._low = False
        self._apart = Apart.of(meta)

    @classmethod
    async def opened(cls, ground: Ground, name: str, epoch: int, meta: Json) -> "Room":
        """Open the room and its recording, new or left behind by a crash."""
        about: Json = {"room": name} | {key: meta.get(key) for key in ("session", "seats")}
        folder = ground.folder / name
        recorder = await asyncio.to_thread(RoomRecorder.open, folder, ground.key, about, epoch)
        if why := unrecorded(meta):
            await asyncio.to_thread(recorder.pause, why)
        room = cls(ground, recorder, name, meta)
        if recorder.recovered:
            room.tell("gap", asdict(recorder.crash))
        room._later(room._run())
        return room

    def tell(self, kind: str, body: Json) -> None:
        """Speak to the web."""
        self._ground.tell(self.name, self.epoch, kind, body)

    def place(self) -> Json:
        """Where the recording stands."""
        recorder = self.recorder
        return {"head": recorder.head, "seq": recorder.seq, "t_ms": recorder.now_ms()}

    @property
    def over(self) -> bool:
        """Whether it has ended here, sealed or taken over by another node."""
        return self._closed

    @property
    def peers(self) -> list[Peer]:
        """The connections that live in it."""
        return list(self._forwarder.peers.values())

    def renew(self, epoch: int, meta: Json) -> None:
        """The web gives the room out again under a newer epoch, to the node that already has it."""
        self.epoch, self.meta = epoch, meta
        self.recorder.epoch = epoch

    async def attach(self, args: Json) -> Json:
        """A new connection of a seat takes it over; the answer and who sits on which slot."""
        seat, seat_epoch = str(args.get("seat", "")), int(args.get("seat_epoch", 0))
        if not seat.replace("-", "").replace("_", "").isalnum():
            raise Refused("media.no-seat")
        if seat_epoch <= self.last_epoch.get(seat, 0):
            raise Refused("media.stale-seat")
        publishes = args.get("role") != "observer"
        kind = [one for one in self.peers if one.publishes == publishes and one.seat != seat]
        most = MOST_SEATS if publishes else MOST_OBSERVERS
        if len(kind) >= most:
            raise Refused("media.room-full", most=most)
        offer = read_offer(args.get("sdp"))
        peer = self._peer(seat, seat_epoch, publishes=publishes)
        answer = await peer.answer(offer)
        if seat_epoch <= self.last_epoch.get(seat, 0):  # a newer one came meanwhile
            self._later(peer.connection.close())
            raise Refused("media.stale-seat")
        self.last_epoch[seat] = seat_epoch
        older = self._forwarder.peers.get(seat)
        self._forwarder.join(peer)
        if older is not None:
            self._hang_up(older)
        self._later(self._deadline(peer))
        return {"sdp": answer, "slots": [slot.seat for slot in peer.slots]}

    def _peer(self, seat: str, seat_epoch: int, *, publishes: bool) -> Peer:
        ears = Ears(
            packet=lambda packet: self._forwarder.heard(peer, packet),
            forwarded=lambda run: self._forwarder.forwarded(peer, run),
            rtcp=lambda data, at: self._forwarder.heard_control(peer, data, at),
        )
        hooks = Hooks(ears, lambda state: self._state(peer, state), self._ground.engine)
        peer = Peer(seat, seat_epoch, publishes, hooks, group=self._apart.group(seat))
        peer.recorded = self._apart.keeps(seat)
        return peer

    def _state(self, peer: Peer, state: str) -> None:
        if state == "connected":
            peer.settled.set()
            peer.heard_at = time.monotonic()
            self._connected(peer)
        elif state in ("failed", "closed"):
            self._drop(peer, state)

    def _connected(self, peer: Peer) -> None:
        if peer.connected or self._forwarder.peers.get(peer.seat) is not peer:
            return
        peer.connected = True
        for other in self._forwarder.peers.values():
            other.want_key()
        self.tell("seat-connected", {"seat": peer.seat, "seat_epoch": peer.seat_epoch})
        self._slots_changed(peer)  # who came between her answer and now was not in the answer

    def _lost(self, peer: Peer, why: str) -> None:
        current = self._forwarder.peers.get(peer.seat) is peer
        peer.connected = False
        if current:
            body = {"seat": peer.seat, "seat_epoch": peer.seat_epoch, "why": why}
            self.tell("seat-lost", body)

    def _drop(self, peer: Peer, why: str) -> None:
        if self._forwarder.peers.get(peer.seat) is not peer:
            return
        self._ground.engine.settle()
        self._lost(peer, why)
        self._forwarder.leave(peer)
        self._hang_up(peer)

    def _hang_up(self, peer: Peer) -> None:
        peer.settled.set()
        self._later(peer.connection.close())

    async def _deadline(self, peer: Peer) -> None:
        try:
            await asyncio.wait_for(peer.settled.wait(), CONNECT_SECONDS)
        except TimeoutError:
            self._drop(peer, "connect-timeout")

    def detach(self, seat: str) -> None:
        """The seat's connection ends; the seat stays."""
        peer = self._forwarder.peers.get(seat)
        if peer is not None:
            self._drop(peer, "detached")

    async def on_disk(self, work: Callable[..., T], *arguments: Any) -> T:  # noqa: ANN401
        """Touch the recording, one at a time, outside the event loop."""
        async with self._disk:
            return await asyncio.to_thread(work, *arguments)

    async def mark(self, name: str, body: Json) -> Json:
        """Something happened at this moment of the film."""
        t_ms = self.recorder.now_ms()
        entry = await self.on_disk(self.recorder.mark, name, body, t_ms)
        return {"hash": entry.h, "seq": entry.seq, "t_ms": entry.t_ms}

    async def snapshot(self, seat: str) -> Json:
        """A still of what this seat sends now, kept in the folder and in the chain."""
        peer = self._forwarder.peers.get(seat)
        if peer is None or not peer.publishes or self._apart.seats:
            raise Refused("media.no-picture")
        await self._fresh_key(peer)
        if peer.key_frame is None:
            raise Refused("media.no-picture")
        t_ms = self.recorder.now_ms()
        jpeg = await asyncio.to_thread(pictures.jpeg, peer.key_frame)
        file, sha256 = await self.on_disk(self.recorder.picture_file, seat, t_ms, jpeg)
        picture = base64.b64encode(jpeg).decode()
        return {"file": file, "sha256": sha256, "t_ms": t_ms, "jpeg_b64": picture}

    async def _fresh_key(self, peer: Peer) -> None:
        """Ask for a key frame and wait a moment for it; an older one will do if none comes."""
        peer.key_news.clear()
        peer.want_key()
        with suppress(TimeoutError):
            await asyncio.wait_for(peer.key_news.wait(), FRESH_PICTURE_SECONDS)

    async def pause(self, why: str) -> Json:
        """Recording stops; a gap will be declared."""
        self._ground.engine.settle()
        await self._flush()
        await self.on_disk(self.recorder.pause, why)
        return self.place()

    async def resume(self) -> Json:
        """Recording goes on, unless this room is not recorded at all or some talk apart."""
        if self._ground.full() and self.meta.get("recording", True):
            raise Refused("media.disk-low", reserve=self._ground.reserve_mb)
        return await self._go_on()

    async def _go_on(self) -> Json:
        if self.meta.get("recording", True) and not self._apart.silent:
            await self.on_disk(self.recorder.resume)
            for peer in self._forwarder.peers.values():
                peer.want_key()
        return self.place()

    async def caucus(self, apart: Apart) -> Json:
        """Some talk apart and not a byte of it is kept unless all agree; no seats: all are together again.

        The others neither hear nor see them, and nobody who waits is recorded alone: each change goes
        through a declared gap. All come together even on a full disk: the next flush says so.
        """
        await self.pause(CAUCUS)
        self._apart = apart
        for peer in self._forwarder.peers.values():
            self._forwarder.regroup(peer, apart.group(peer.seat))
            peer.recorded = apart.keeps(peer.seat)
        paused = self.recorder.paused  # for a caucus alone, or there was another reason before
        return await self._go_on() if paused == CAUCUS else self.place()

    async def close(self) -> Json:
        """Everybody leaves and the recording is sealed."""
        self._ground.engine.settle()
        self._closed = True
        for peer in list(self._forwarder.peers.values()):
            self._drop(peer, "closed")
        sealed = await self.on_disk(self.recorder.seal)
        return {"head": sealed.head, "seq": sealed.seq, "sealed": sealed.shown()}

    async def abandon(self) -> None:
        """The process ends: write what there is; another node may go on."""
        self._ground.engine.settle()
        self._closed = True
        for peer in list(self._forwarder.peers.values()):
            await peer.connection.close()
        with suppress(OdrError, OSError):
            await self._flush()
        await self.on_disk(
            self.recorder.close
        )  # in turn: behind what a tick under way still writes

    def status(self) -> Json:
        """Numbers about every seat and the recording."""
        seats = {seat: peer.status() for seat, peer in self._forwarder.peers.items()}
        return {"seats": seats, **self.place(), "bytes_on_disk": self.recorder.bytes_on_disk}

    def sound(self, peer: Peer, ts: int, data: bytes) -> None:
        """Into the film."""
        recorder = self.recorder
        when = peer.clock.at("audio", ts, recorder.now_ms())
        recorder.sound(peer.seat, peer.seat_epoch, when, data)

    def picture(self, peer: Peer, frame: Frame) -> None:
        """Into the film."""
        recorder = self.recorder
        when = peer.clock.at("video", frame.ts, recorder.now_ms())
        who = (peer.seat, peer.seat_epoch)
        recorder.picture(who, when, frame.data, frame.picture, key=frame.key)

    def clock(self, peer: Peer, kind: str, report: rtp.SenderReport) -> None:
        """Sound and picture of a seat get one clock."""
        peer.clock.report(kind, report.ntp, report.ts, self.recorder.now_ms())

    def _slots_changed(self, peer: Peer) -> None:
        if peer.connected:
            self.tell("slots", {peer.seat: [slot.seat for slot in peer.slots]})

    def _later(self, work: Any) -> None:  # noqa: ANN401 -- any coroutine
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _run(self) -> None:
        """What is due every few milliseconds, every half second and every second."""
        while not self._closed:
            # on one grid with all other rooms, so that the process wakes up once for all
            await asyncio.sleep(TICK_SECONDS - time.monotonic() % TICK_SECONDS)
            try:
                await self._tick(time.monotonic())
            except Exception:  # the room and its recording go on whatever one tick met
                logger.exception("room %s: a tick failed", self.name)

    async def _tick(self, now: float) -> None:
        for peer in self._forwarder.peers.values():
            peer.ask(now)
        if now >= self._due.flush:
            self._due.flush = now + FLUSH_SECONDS
            await self._flush()
        if now >= self._due.speaker:
            self._due.speaker = now + SPEAKER_SECONDS
            self._tell_speaker(now)
        if now >= self._due.second:
            self._due.second = now + SECOND
            self._every_second(now)
        if now >= self._due.quality:
            self._due.quality = now + QUALITY_SECONDS
            qualities = {p.seat: p.quality() for p in self._forwarder.peers.values() if p.connected}
            if qualities:
                self.tell("quality", qualities)

    def _every_second(self, now: float) -> None:
        for peer in list(self._forwarder.peers.values()):
            peer.report(now)
            if peer.connected and now - peer.heard_at > SILENCE_SECONDS:
                self._lost(peer, "silence")
            elif peer.connection.state == "connected" and now - peer.heard_at < SECOND:
                self._connected(peer)
        self._tell_pictures(now)
        recorder = self.recorder
        if not recorder.paused:
            place = {"head_seq": recorder.seq, "head": recorder.head, "t_ms": recorder.now_ms()}
            self.tell("recording", {"bytes_on_disk": recorder.bytes_on_disk, **place})

    def _tell_speaker(self, now: float) -> None:
        peers = [
            peer for peer in self._forwarder.peers.values() if peer.connected and not peer.group
        ]
        if self._floor.heard({peer.seat: peer.level for peer in peers}, now):
            self.tell("speaker", {"seat": self._floor.seat})

    def _tell_pictures(self, now: float) -> None:
        """Who does not get whose picture, and why; "" when it is there again."""
        for peer in self._forwarder.peers.values():
            if not peer.connected:
                continue
            before = self._pictures.get(peer.seat, {})
            missing = self._forwarder.pace(peer, self._floor.seat, now)
            if missing != before:
                self._pictures[peer.seat] = missing
                self.tell("pictures", {peer.seat: dict.fromkeys(before, "") | missing})

    async def _flush(self) -> None:
        """Write what was gathered; a disk that is full stops the recording and says so.

        It goes on when somebody resumes it: nothing is recorded behind an adjournment.
        """
        recorder = self.recorder
        try:
            if chunks := recorder.collect():
                await self.on_disk(recorder.keep, chunks)
            else:
                recorder.check_fence()  # nothing to write is no reason to keep what another node has
            if not recorder.paused and self._ground.full():
                await self.on_disk(recorder.pause, DISK_FULL)
        except OSError:
            logger.exception("room %s: the disk does not take the recording", self.name)
        except Refused as refusal:  # another node has taken the room over
            logger.warning("room %s is no longer ours: %s", self.name, refusal.key)
            if not self._closed:
                self._closed = True
                self._later(self.abandon())
            return
        if (recorder.paused == DISK_FULL) != self._low:
            self._low = not self._low
            if self._low:
                self.tell("disk-low", {"why": DISK_FULL})
