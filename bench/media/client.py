# ruff: noqa: SLF001 -- after the handshake the client takes over aiortc's socket and SRTP sessions
"""A participant: aiortc shakes hands, then packets go past it; it does not know which server it talks to."""

import asyncio
import os
import socket
from dataclasses import dataclass, field
from typing import Any

from aioice import ice
from aiortc import RTCBundlePolicy, RTCConfiguration, RTCPeerConnection, RTCSessionDescription

CONNECT_SECONDS = 15.0
BUFFER = 1 << 20


def listen_on(host: str) -> None:
    """Offer this address alone; otherwise aioice would never offer loopback."""

    def addresses(use_ipv4: bool, use_ipv6: bool) -> list[str]:  # noqa: FBT001 -- aioice's signature
        del use_ipv4, use_ipv6
        return [host]

    ice.get_host_addresses = addresses


@dataclass(slots=True)
class Line:
    """One way on which a client sends: its SSRC and payload type."""

    kind: str
    ssrc: int
    pt: int


@dataclass(slots=True)
class Wire:
    """What is left of a connection when aiortc is taken out: socket, keys, lines."""

    sock: socket.socket
    protect: Any
    unprotect: Any
    lines: list[Line]
    other: Any
    ssrc: int = 1
    loudness: int = 0
    _kept: list[Any] = field(default_factory=list)


class Client:
    """One peer connection without decoders and encoders."""

    def __init__(self) -> None:
        config = RTCConfiguration(iceServers=[], bundlePolicy=RTCBundlePolicy.MAX_BUNDLE)
        self.pc = RTCPeerConnection(config)
        self._settled = asyncio.Event()
        self.pc.on("connectionstatechange", self._changed)
        self._wire: Wire | None = None

    def _changed(self) -> None:
        if self.pc.connectionState in ("connected", "failed", "closed"):
            self._settled.set()

    async def offer(self, slots: int, *, sends: bool = True) -> str:
        """An offer that sends sound and picture and has room for ``slots`` others."""
        directions = [*(["sendonly"] if sends else []), *["recvonly"] * slots]
        for direction in directions:
            for kind in ("audio", "video"):
                self.pc.addTransceiver(kind, direction=direction)
        self._quiet()
        await self.pc.setLocalDescription(await self.pc.createOffer())
        return str(self.pc.localDescription.sdp)

    async def answered(self, sdp: str) -> None:
        """Take the answer of a server."""
        await self.pc.setRemoteDescription(RTCSessionDescription(sdp, "answer"))

    async def answer(self, sdp: str) -> str:
        """Answer a server that offers (a subscription of Janus)."""
        await self.pc.setRemoteDescription(RTCSessionDescription(sdp, "offer"))
        self._quiet()
        await self.pc.setLocalDescription(await self.pc.createAnswer())
        return str(self.pc.localDescription.sdp)

    def _quiet(self) -> None:
        for one in self.pc.getTransceivers():
            for owner, names in ((one.receiver, "receive stop"), (one.sender, "send stop")):
                for name in names.split():
                    setattr(owner, name, _nothing)

    async def wire(self, *, sends: bool = True) -> Wire:
        """Wait for the connection and take it over; RuntimeError when it does not come."""
        async with asyncio.timeout(CONNECT_SECONDS):
            await self._settled.wait()
        if self.pc.connectionState != "connected":
            raise RuntimeError("a client could not connect to the server")
        transceivers = self.pc.getTransceivers()
        dtls = transceivers[0].receiver.transport
        connection = dtls._transport._connection
        pair = connection._nominated[1]
        transport = pair.protocol.transport
        fd = transport.get_extra_info("socket").fileno()
        asyncio.get_running_loop()._remove_reader(fd)  # type: ignore[attr-defined]
        sock = socket.socket(fileno=os.dup(fd))
        sock.settimeout(0)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER)
        sock.connect(pair.remote_addr)
        address = pair.remote_addr

        def other(data: bytes) -> None:
            pair.protocol.datagram_received(data, address)

        lines = [_line(one) for one in transceivers[:2]] if sends else []
        sessions = [dtls._tx_srtp, dtls._rx_srtp]
        tx, rx = (session._srtp[0] for session in sessions)
        self._wire = Wire(sock, tx, rx, lines, other, transceivers[0].sender._ssrc)
        self._wire._kept += [*sessions, dtls]
        if sends:
            found = [x.id for x in transceivers[0]._headerExtensions if "audio-level" in x.uri]
            self._wire.loudness = found[0] if found else 0
        return self._wire

    async def close(self) -> None:
        """Hang up."""
        if self._wire is not None:
            self._wire.sock.close()
        self.pc.remove_all_listeners()
        await asyncio.wait_for(self.pc.close(), 5)


async def _nothing(*_arguments: object) -> None:
    return


def _line(transceiver: Any) -> Line:  # noqa: ANN401
    wanted = ("opus", "vp8")
    types = [one.payloadType for one in transceiver._codecs if one.name.lower() in wanted]
    return Line(transceiver.kind, transceiver.sender._ssrc, types[0])
