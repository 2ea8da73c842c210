"""A web of one namespace, a real node and real WebRTC clients, all in one event loop."""

import asyncio
import itertools
import time
from fractions import Fraction
from types import SimpleNamespace

import numpy as np
import pytest
import socketio
from aiohttp import web
from aiortc import (
    AudioStreamTrack,
    RTCBundlePolicy,
    RTCConfiguration,
    RTCPeerConnection,
    RTCRtpReceiver,
    RTCSessionDescription,
    VideoStreamTrack,
    sdp,
)
from av import AudioFrame, VideoFrame

from odr import clock
from odr.mediation import wire
from odr.mediation.media import server
from odr.settings import Secret, Settings

SECRET = "a-secret-of-the-house-with-32-bytes!"


async def until(condition, seconds=10.0):
    """Wait until something holds; fail when it does not."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        await asyncio.sleep(0.02)


class FakeWeb:
    """Takes one node; keeps what it says; gives commands."""

    def __init__(self):
        self.events, self.registered, self.sid = [], [], None
        self.sids: dict[str, str] = {}
        self._ids = itertools.count()
        self.sio = socketio.AsyncServer(async_mode="aiohttp", monitor_clients=False)
        self.sio.on("connect", self._connect, namespace="/media")
        self.sio.on("register", self._register, namespace="/media")
        self.sio.on("event", self._event, namespace="/media")
        self.port = 0

    async def start(self):
        app = web.Application()
        self.sio.attach(app)
        self._runner = web.AppRunner(app, shutdown_timeout=0.5)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port)
        await site.start()
        self.port = site._server.sockets[0].getsockname()[1]

    async def stop(self):
        if self.sid:
            await self.sio.disconnect(self.sid, namespace="/media")
        await self._runner.cleanup()

    async def _connect(self, _sid, _environ, auth):
        wire.check_service_token(SECRET, auth["token"], clock.now())

    async def _register(self, sid, body):
        self.sid = self.sids[body["id"]] = sid
        self.registered.append(body)
        return {"ok": True}

    async def _event(self, _sid, body):
        self.events.append(body)
        return {"ok": True}

    def types(self):
        return [event["type"] for event in self.events]

    async def command(self, op, epoch=1, cmd_id="", **args):
        body = {"cmd_id": cmd_id or f"c{next(self._ids)}", "room": "r1", "epoch": epoch}
        body |= {"op": op, "args": args}
        return await self.sio.call("command", body, to=self.sid, namespace="/media", timeout=20)

    async def ok(self, op, epoch=1, **args):
        answer = await self.command(op, epoch, **args)
        assert answer["ok"], answer
        return answer["result"]


class Picture(VideoStreamTrack):
    """A moving bar; ``size`` may change while it runs."""

    size = (320, 240)

    async def recv(self):
        pts, base = await self.next_timestamp()
        image = np.zeros((self.size[1], self.size[0], 3), np.uint8)
        image[:, (pts // 3000 * 4) % self.size[0] :, 1] = 200
        frame = VideoFrame.from_ndarray(image, "rgb24")
        frame.pts, frame.time_base = pts, base
        return frame


class Tone(AudioStreamTrack):
    """A tone of 440 Hz."""

    _at = 0

    async def recv(self):
        await super().recv()
        samples = np.arange(self._at, self._at + 960)
        wave = (np.sin(samples * 440 * 2 * np.pi / 48000) * 8000).astype(np.int16)
        frame = AudioFrame.from_ndarray(wave[None, :], "s16", "mono")
        frame.pts, frame.sample_rate, frame.time_base = self._at, 48000, Fraction(1, 48000)
        self._at += 960
        return frame


class Client:
    """One browser: sends a tone and a bar, counts what it gets on each slot."""

    def __init__(self, slots=2, video=True, only=""):
        config = RTCConfiguration(iceServers=[], bundlePolicy=RTCBundlePolicy.MAX_BUNDLE)
        self.pc = RTCPeerConnection(config)
        self.bar = Picture()
        self.pc.addTransceiver(Tone(), direction="sendonly")
        self.pc.addTransceiver(
            self.bar if video else "video", direction="sendonly" if video else "inactive"
        )
        for _ in range(slots):
            self.pc.addTransceiver("audio", direction="recvonly")
            self.pc.addTransceiver("video", direction="recvonly")
        if only:
            self._speak_only(f"video/{only}")
        self.got: dict[int, int] = {}
        self.frames: dict[int, object] = {}
        self._tasks = []

    def _speak_only(self, mime_type):
        codecs = [
            one
            for one in RTCRtpReceiver.getCapabilities("video").codecs
            if one.mimeType.lower() == mime_type.lower()
        ]
        for transceiver in self.pc.getTransceivers():
            if transceiver.kind == "video":
                transceiver.setCodecPreferences(codecs)

    async def offer(self):
        await self.pc.setLocalDescription(await self.pc.createOffer())
        return self.pc.localDescription.sdp

    async def enter(self, house, seat, seat_epoch, **more):
        sdp = await self.offer()
        result = await house.ok("attach", seat=seat, seat_epoch=seat_epoch, sdp=sdp, **more)
        await self.pc.setRemoteDescription(RTCSessionDescription(result["sdp"], "answer"))
        for index, transceiver in enumerate(self.pc.getTransceivers()[2:]):
            self._tasks.append(asyncio.ensure_future(self._take(index, transceiver)))
        self._hear_repeats()
        await until(lambda: self.pc.connectionState == "connected")
        return result

    def _hear_repeats(self):
        """aiortc finds the line of a repeat only where a single line has its type."""
        media = sdp.SessionDescription.parse(self.pc.remoteDescription.sdp).media
        for transceiver, one in zip(self.pc.getTransceivers(), media, strict=True):
            receiver = transceiver.receiver
            for said in one.ssrc[1:]:
                receiver.transport._rtp_router.ssrc_table[said.ssrc] = receiver

    async def _take(self, index, transceiver):
        while True:
            self.frames[index] = await transceiver.receiver.track.recv()
            self.got[index] = self.got.get(index, 0) + 1

    async def leave(self):
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.pc.close()


@pytest.fixture
def engine():
    """The best engine of this machine; a module may ask for each (``EVERY_ENGINE``)."""
    return ""


@pytest.fixture
def settings(tmp_path, engine):
    return Settings(
        data=tmp_path,
        database_url="",
        service_secret=Secret(SECRET),
        disk_reserve_mb=1,
        media_engine=engine,
    )


@pytest.fixture
def lived(settings):
    """Live some time with a web and a node: ``lived(story)``, where ``story(house)`` is a coroutine."""

    async def whole(story):
        house = FakeWeb()
        await house.start()
        url = f"http://127.0.0.1:{house.port}"
        node = asyncio.ensure_future(server.serve(settings, web_url=url, node_id="n1"))
        house.node = node
        try:
            await until(lambda: house.registered or node.done())
            return await story(house)
        finally:
            node.cancel()
            await asyncio.gather(node, return_exceptions=True)
            await house.stop()

    def run(story):
        return asyncio.run(whole(story))

    return run


@pytest.fixture
def web_house():
    """Live some time with a web alone; nodes come as processes."""

    async def whole(story):
        house = FakeWeb()
        await house.start()
        try:
            await story(house)
        finally:
            await house.stop()

    def run(story):
        asyncio.run(whole(story))

    return run


META = {
    "session": "s1",
    "recording": True,
    "seats": [{"seat": "a", "label": "a"}, {"seat": "b", "label": "b"}],
}
kit = SimpleNamespace(META=META, Client=Client, until=until)


@pytest.fixture(name="kit")
def _kit():
    return kit
