"""Who is sent what in a room: packets, reports and requests between peers; it does not know the disk."""

import time
from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

from odr.mediation.media import rtp
from odr.mediation.media.floor import smoothed
from odr.mediation.media.frames import Frame
from odr.mediation.media.peer import Peer, Slot
from odr.mediation.media.rtp import KeyRequest, Nack, Packet, Report, Run, SenderReport
from odr.mediation.media.streams import Inbound


class Listener(Protocol):
    """One more receiver of everything: the recorder."""

    def sound(self, peer: Peer, ts: int, data: bytes) -> None:
        """One Opus packet."""
        ...

    def picture(self, peer: Peer, frame: Frame) -> None:
        """One whole picture."""
        ...

    def clock(self, peer: Peer, kind: str, report: SenderReport) -> None:
        """The sender's clock."""
        ...


class Forwarder:
    """The peers of a room by seat."""

    def __init__(self, listener: Listener, changed: Callable[[Peer], None]) -> None:
        """``changed`` is told whenever a peer's slots change."""
        self.peers: dict[str, Peer] = {}
        self._listener = listener
        self._changed = changed

    def join(self, peer: Peer) -> None:
        """Put a new connection in the place of its seat's older one, and give everybody slots."""
        if (older := self.peers.get(peer.seat)) is not None:
            self._end(older)
        self.peers[peer.seat] = peer
        self._meet(peer)
        self._wire()

    def _wire(self) -> None:
        """Tell every line whose stream it copies now; nobody's from another group."""
        for peer in self.peers.values():
            for slot in peer.slots:
                source = self.peers.get(slot.seat or "")
                if source is not None and source.group != peer.group:
                    source = None
                for line in (slot.audio, slot.video):
                    stream = source.stream(line.kind) if source is not None else None
                    line.feed(source and source.connection.carrier, stream)

    def regroup(self, peer: Peer, group: str) -> None:
        """Put a peer into the joint room ("") or into a caucus; she hears and sees only that."""
        if peer.group == group:
            return
        peer.group = group
        self._meet(peer)
        self._wire()
        for other in self._others(peer):
            other.want_key()
        peer.want_key()

    def _meet(self, peer: Peer) -> None:
        for other in self._others(peer):
            if other.group != peer.group:
                continue
            if other.publishes:
                self._seat(peer, other.seat)
                other.want_key()
            if peer.publishes:
                self._seat(other, peer.seat)

    def pace(self, peer: Peer, speaker: str, now: float) -> dict[str, str]:
        """Hold pictures back that the line of a peer does not carry; why it does not get whose picture.

        "network": the line, "codec": it cannot decode what that seat sends.
        """
        shown = self._shown(peer, speaker)
        missing, upstream = {}, {}
        for source, slot in shown:
            for line in (slot.audio, slot.video):
                stream = source.stream(line.kind)
                upstream[line.ssrc] = stream.lately_lost if stream else 0.0
            picture = source.stream("video")
            if picture is not None and picture.codec not in slot.video.types:
                missing[source.seat] = "codec"
        seats = [source.seat for source, _ in shown if source.seat not in missing]
        held = peer.line.decide(seats, peer.load(now, upstream), now)
        for source, slot in shown:
            if slot.video.allowed != (source.seat not in held):
                slot.video.allowed = source.seat not in held
                source.want_key()
        return missing | dict.fromkeys(held, "network")

    def _shown(self, peer: Peer, speaker: str) -> list[tuple[Peer, Slot]]:
        """Whose pictures a peer gets, and where; who speaks stands first."""
        found = []
        for slot in peer.slots:
            source = self.peers.get(slot.seat or "")
            if source is None or not source.connected or source.group != peer.group:
                continue
            picture = source.stream("video")
            if picture is not None and picture.ssrc:
                found.append((source, slot))
        return sorted(found, key=lambda one: one[0].seat != speaker)

    def leave(self, peer: Peer) -> None:
        """A connection has ended; its slots elsewhere stay for its return."""
        if self.peers.get(peer.seat) is peer:
            self._end(peer)
            del self.peers[peer.seat]
            self._wire()

    def _end(self, peer: Peer) -> None:
        """Nothing more comes from it: sound that waited for something missing waits no longer."""
        for packet in peer.sounds.rest():
            self._sound(peer, packet)

    def _others(self, peer: Peer) -> Iterable[Peer]:
        return [other for other in self.peers.values() if other is not peer]

    def _seat(self, peer: Peer, seat: str) -> None:
        """Give a seat a slot: its own, a free one, or that of a seat that has left."""
        if peer.slot_of(seat) is not None:
            return
        free = [slot for slot in peer.slots if slot.seat is None]
        left = [slot for slot in peer.slots if slot.seat not in self.peers]
        for slot in [*free, *left][:1]:
            slot.seat = seat
            self._changed(peer)

    def heard(self, peer: Peer, packet: Packet) -> None:
        """A packet from a peer: copied to the others and recorded; a repeat as what it repeats."""
        peer.heard_at = packet.at
        if (missed := peer.repeats.get(packet.pt)) is not None:
            found = rtp.repeated(packet, missed.pt, missed.ssrc)
            if found is None or not missed.misses(found.seq):
                return
            packet = found
        stream = self._counted(peer, packet)
        if stream is not None:
            self._copy(peer, stream, packet, packet.at)
            self._record(peer, stream, (packet,), packet.at)

    def forwarded(self, peer: Peer, run: Run) -> None:
        """Packets from a peer whose copies the engine has sent, and which fit."""
        packets = run.packets
        peer.heard_at = now = packets[-1].at
        stream = peer.inbound.get(packets[0].pt)
        if stream is None:
            return
        if stream.run_on(run):
            self._record(peer, stream, packets, now)
            return
        for packet in packets:
            if stream.add(packet, now):
                self._record(peer, stream, (packet,), now)
        if stream.gaps:
            peer.ask_soon()

    def _counted(self, peer: Peer, packet: Packet) -> Inbound | None:
        stream = peer.inbound.get(packet.pt)
        if stream is None or len(packet.payload) > rtp.LONGEST:
            return None
        if not stream.add(packet, packet.at):
            return None
        if stream.gaps:
            peer.ask_soon()
        return stream

    def _record(self, peer: Peer, stream: Inbound, packets: Sequence[Packet], now: float) -> None:
        if stream.kind == "video":
            for frame in peer.assembled(packets, now):
                if peer.recorded:
                    self._listener.picture(peer, frame)
            return
        for packet in peer.sounds.run(packets, now):
            if packet is not None and packet.payload:
                self._sound(peer, packet)

    def _sound(self, peer: Peer, packet: Packet) -> None:
        peer.level = smoothed(peer.level, packet.level)
        if peer.recorded:
            self._listener.sound(peer, packet.ts, packet.payload)

    def _copy(self, peer: Peer, stream: Inbound, packet: Packet, now: float) -> None:
        for other in self.peers.values():
            if other is peer or not other.connected or other.group != peer.group:
                continue
            slot = other.slot_of(peer.seat)
            if slot is None:
                continue
            copied = slot.of(stream.kind).copy(packet, stream, now)
            if copied is not None:
                other.connection.send(copied)

    def heard_control(self, peer: Peer, data: bytes, now: float) -> None:
        """Decrypted RTCP from a peer: reports, requests for packets and for key frames."""
        peer.heard_at = now
        for item in rtp.parse_rtcp(data):
            if isinstance(item, rtp.SenderReport):
                self._sender(peer, item, now)
            elif isinstance(item, rtp.Estimate):
                peer.estimate_bps = item.bps
            else:
                self._receiver(peer, item, now)

    def _sender(self, peer: Peer, report: SenderReport, now: float) -> None:
        stream = next((one for one in peer.inbound.values() if one.ssrc == report.ssrc), None)
        if stream is None:
            return
        stream.reported(report, now)
        self._listener.clock(peer, stream.kind, report)
        for other in self._others(peer):
            slot = other.slot_of(peer.seat)
            if slot is None or other.group != peer.group:
                continue
            line = slot.of(stream.kind)
            told = line.report(
                report, stream, time.monotonic()
            )  # sent now, which the trip begins with
            if told is not None:
                other.connection.send(rtp.sender_report(told, line.packets, line.octets))

    def _receiver(self, peer: Peer, item: Report | Nack | KeyRequest, now: float) -> None:
        for slot in peer.slots:
            for line in (slot.audio, slot.video):
                if line.ssrc != item.ssrc:
                    continue
                if isinstance(item, rtp.Report):
                    line.heard(item, now)
                else:
                    self._requested(peer, slot, item)
                return

    def _requested(self, peer: Peer, slot: Slot, item: Nack | KeyRequest) -> None:
        source = self.peers.get(slot.seat or "")
        if source is None or source.group != peer.group:  # a talk apart is not told to who asks
            return
        if isinstance(item, rtp.KeyRequest):
            source.want_key()
            return
        line = slot.audio if slot.audio.ssrc == item.ssrc else slot.video
        stream = source.stream(line.kind)
        for seq in item.seqs if stream else ():
            if stream is not None and (copied := line.again(seq, stream)):
                peer.connection.send(copied)
