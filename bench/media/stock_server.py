"""Stock aiortc forwarding one room through MediaRelay, nothing recorded; it does not know the bench."""

import asyncio
import sys
from typing import Any

from aiohttp import web
from aiortc import (
    MediaStreamTrack,
    RTCBundlePolicy,
    RTCConfiguration,
    RTCPeerConnection,
    RTCSessionDescription,
)
from aiortc.contrib.media import MediaRelay

from bench.media.client import listen_on


class Sfu:
    """Takes what participants send and hands each the tracks of the others, as the manual shows it."""

    def __init__(self) -> None:
        self._relay = MediaRelay()
        self._tracks: dict[int, list[MediaStreamTrack]] = {}
        self._connections: list[RTCPeerConnection] = []

    async def publish(self, request: web.Request) -> web.Response:
        """A participant's own sound and picture."""
        body = await request.json()
        pc = self._connection()
        tracks = self._tracks.setdefault(body["number"], [])
        pc.on("track", tracks.append)
        return await self._answer(pc, body["sdp"])

    async def subscribe(self, request: web.Request) -> web.Response:
        """The sound and picture of all others."""
        body = await request.json()
        pc = self._connection()
        await pc.setRemoteDescription(RTCSessionDescription(body["sdp"], "offer"))
        for number, tracks in self._tracks.items():
            if number != body["number"]:
                for track in tracks:
                    pc.addTrack(self._relay.subscribe(track))
        return await self._answer(pc)

    def _connection(self) -> RTCPeerConnection:
        pc = RTCPeerConnection(RTCConfiguration(bundlePolicy=RTCBundlePolicy.MAX_BUNDLE))
        self._connections.append(pc)
        return pc

    async def _answer(self, pc: RTCPeerConnection, sdp: str = "") -> web.Response:
        if sdp:
            await pc.setRemoteDescription(RTCSessionDescription(sdp, "offer"))
        await pc.setLocalDescription(await pc.createAnswer())
        answer: dict[str, Any] = {"sdp": pc.localDescription.sdp}
        return web.json_response(answer)


async def serve(host: str, port: int) -> None:
    """Run until killed."""
    listen_on(host)
    sfu = Sfu()
    app = web.Application()
    app.router.add_post("/publish", sfu.publish)
    app.router.add_post("/subscribe", sfu.subscribe)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1], int(sys.argv[2])))
