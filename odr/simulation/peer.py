"""One robot's camera, microphone, screen and ears: a real WebRTC connection; it knows no case.

All connections of a simulation share one event loop in a thread of its own.
"""

import asyncio
import threading
from collections.abc import Coroutine
from concurrent.futures import Future
from typing import Any, TypeVar

import numpy as np
from aioice import ice
from aiortc import (
    RTCBundlePolicy,
    RTCConfiguration,
    RTCPeerConnection,
    RTCSessionDescription,
)
from aiortc.mediastreams import MediaStreamError

from odr.simulation.picture import Look, PictureTrack, ToneTrack, pitch_of

T = TypeVar("T")
FRAMES_PER_LISTENING = 10
LISTEN_EVERY = 50
PATIENCE = 5.0


class Loop:
    """An event loop that runs in its own thread until it is closed."""

    def __init__(self) -> None:
        """Start the thread."""
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, T], seconds: float = 20) -> T:
        """Do some work in the loop and wait for what comes of it."""
        future: Future[T] = asyncio.run_coroutine_threadsafe(work, self._loop)
        return future.result(seconds)

    def close(self) -> None:
        """Stop the loop, wait for its thread and give its sockets back."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(PATIENCE)
        if not self._thread.is_alive():
            self._loop.close()


class Peer:
    """One connection to the room: sends one picture and one tone, receives up to ``others`` people."""

    def __init__(self, look: Look, others: int) -> None:
        """Nothing is opened before ``offer``."""
        self.look = look
        self.others = others
        self.pictures: dict[int, int] = {}
        self.pitches: dict[int, int] = {}
        self._connection: RTCPeerConnection | None = None
        self._listeners: list[asyncio.Task[None]] = []

    async def offer(self) -> str:
        """Open a new connection and say what it sends and can receive."""
        _allow_loopback()
        await self.close()
        connection = RTCPeerConnection(RTCConfiguration(bundlePolicy=RTCBundlePolicy.MAX_BUNDLE))
        connection.addTransceiver(ToneTrack(self.look), direction="sendonly")
        connection.addTransceiver(PictureTrack(self.look), direction="sendonly")
        for _ in range(self.others):
            for kind in ("audio", "video"):
                connection.addTransceiver(kind, direction="recvonly")
        self._connection = connection
        await connection.setLocalDescription(await connection.createOffer())
        return str(connection.localDescription.sdp)

    async def answer(self, sdp: str) -> None:
        """Take the room's answer; the connection opens by itself."""
        if self._connection is None:
            return
        await self._connection.setRemoteDescription(RTCSessionDescription(sdp, "answer"))
        for index, transceiver in enumerate(self._connection.getTransceivers()[2:]):
            if track := transceiver.receiver.track:
                self._listeners.append(asyncio.ensure_future(self._take(index // 2, track)))

    @property
    def state(self) -> str:
        """new, connecting, connected, failed or closed."""
        return str(self._connection.connectionState) if self._connection else "new"

    async def close(self) -> None:
        """Hang up."""
        connection, self._connection = self._connection, None
        listeners, self._listeners = self._listeners, []
        for task in listeners:
            task.cancel()
        if connection is not None:
            await connection.close()

    async def _take(self, slot: int, track: Any) -> None:  # noqa: ANN401 -- aiortc is untyped
        """Look at each picture and listen to a piece of the sound every second."""
        count, heard = 0, []
        try:
            while True:
                frame = await track.recv()
                count += 1
                if track.kind == "video":
                    self.pictures[slot] = self.pictures.get(slot, 0) + 1
                elif count % LISTEN_EVERY < FRAMES_PER_LISTENING:
                    heard.append(frame.to_ndarray()[0, ::2])
                elif heard:
                    self.pitches[slot] = pitch_of(np.concatenate(heard)) or self.pitches.get(
                        slot, 0
                    )
                    heard = []
        except MediaStreamError:
            return


def _allow_loopback() -> None:
    """Robots sit on the machine they visit; aioice alone would never offer its own address."""
    if ice.get_host_addresses is not _loopback:
        ice.get_host_addresses = _loopback


def _loopback(use_ipv4: bool, use_ipv6: bool) -> list[str]:  # noqa: FBT001 -- aioice's signature
    del use_ipv4, use_ipv6
    return ["127.0.0.1"]
