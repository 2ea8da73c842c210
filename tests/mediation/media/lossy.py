"""A bad network between one client and the node: loses, delays, reorders, doubles; it does not know rooms.

A relay of datagrams on loopback. The answer of the node is rewritten so that the client knows only the
relay. RTP headers are readable in SRTP, so it can count what it passes on.
"""

import asyncio
import random
import re
from dataclasses import dataclass, field

CANDIDATE = re.compile(r"a=candidate:\S+ 1 udp \d+ (\S+) (\d+) typ host[^\r\n]*")
AUDIO_TYPE = re.compile(r"m=audio \d+ \S+ (\d+)")
VIDEO_TYPE = re.compile(r"m=video \d+ \S+ (\d+)")


@dataclass
class Weather:
    """What happens to a datagram: chances from 0 to 1, times in seconds."""

    loss: float = 0.0
    delay: float = 0.0
    jitter: float = 0.0
    doubled: float = 0.0
    late: dict[int, float] = field(default_factory=dict)  # by payload type: skew between streams


CLEAR = Weather()
BAD = Weather(loss=0.1, delay=0.01, jitter=0.05, doubled=0.02)


class _End(asyncio.DatagramProtocol):
    def __init__(self, heard):
        self.heard, self.transport = heard, None

    def connection_made(self, transport):
        self.transport = transport

    def datagram_received(self, data, addr):
        self.heard(data, addr)


def is_rtp(data):
    """Whether a datagram is media, neither STUN nor DTLS nor RTCP (RFC 7983, RFC 5761)."""
    return len(data) > 12 and 128 <= data[0] < 192 and not 192 <= data[1] <= 223


class Link:
    """The relay: ``up`` is the weather towards the node, ``down`` towards the client."""

    def __init__(self, seed):
        self._chance = random.Random(seed)
        self.up, self.down = CLEAR, CLEAR
        self.audio, self.video = -1, -1
        self.sent: dict[int, set[int]] = {}  # numbers by payload type: what the client has sent,
        self.passed: dict[int, set[int]] = {}  # and what of it went on to the node
        self.brought: dict[int, set[int]] = {}  # what the node has sent
        self.held: list[bytes] = []  # what was lost on the way up
        self.video_ts = 0
        self._front = self._back = None
        self.client = self.node = None
        self._timers = set()

    async def start(self):
        self._front = await self._end(self._from_client)
        await self.rebind()
        return self

    async def _end(self, heard):
        loop = asyncio.get_running_loop()
        _, end = await loop.create_datagram_endpoint(
            lambda: _End(heard), local_addr=("127.0.0.1", 0)
        )
        return end

    async def rebind(self):
        """Come to the node from another port, as a phone that changes its network."""
        before, self._back = self._back, await self._end(self._from_node)
        if before:
            before.transport.close()

    def stop(self):
        for timer in self._timers:
            timer.cancel()
        for end in (self._front, self._back):
            end.transport.close()

    def rewritten(self, answer):
        """The node's answer with the relay in the place of the node."""
        first = CANDIDATE.search(answer)
        self.node = (first[1], int(first[2]))
        self.audio, self.video = (int(kind.search(answer)[1]) for kind in (AUDIO_TYPE, VIDEO_TYPE))
        port = self._front.transport.get_extra_info("sockname")[1]
        return CANDIDATE.sub(f"a=candidate:1 1 udp 2130706431 127.0.0.1 {port} typ host", answer)

    def _from_client(self, data, addr):
        self.client = addr
        if is_rtp(data):
            self.sent.setdefault(data[1] & 127, set()).add(int.from_bytes(data[2:4], "big"))
            if data[1] & 127 == self.video:
                self._picture(int.from_bytes(data[4:8], "big"))
        self._weathered(data, self.up, self._to_node)

    def _picture(self, ts):
        """Remember the newest time: what is sent again is older."""
        if not self.video_ts or (ts - self.video_ts) & 0xFFFFFFFF < 1 << 31:
            self.video_ts = ts

    def _from_node(self, data, _addr):
        if is_rtp(data):
            self.brought.setdefault(data[1] & 127, set()).add(int.from_bytes(data[2:4], "big"))
        self._weathered(data, self.down, self._to_client)

    def _weathered(self, data, weather, deliver):
        if self._chance.random() < weather.loss:
            if deliver == self._to_node and is_rtp(data):
                self.held.append(data)
            return
        for _ in range(1 + (self._chance.random() < weather.doubled)):
            late = weather.late.get(data[1] & 127, 0.0) if is_rtp(data) else 0.0
            wait = weather.delay + late + weather.jitter * self._chance.random()
            if not wait:
                deliver(data)
                continue
            self._later(wait, deliver, data)

    def _later(self, wait, deliver, data):
        def now():
            self._timers.discard(timer)
            deliver(data)

        timer = asyncio.get_running_loop().call_later(wait, now)
        self._timers.add(timer)

    def _to_node(self, data):
        if is_rtp(data):
            self.passed.setdefault(data[1] & 127, set()).add(int.from_bytes(data[2:4], "big"))
        if not self._back.transport.is_closing():
            self._back.transport.sendto(data, self.node)

    def _to_client(self, data):
        if self.client and not self._front.transport.is_closing():
            self._front.transport.sendto(data, self.client)


class Behind:
    """A house as it looks from behind a link: answers name the relay."""

    def __init__(self, house, link):
        self._house, self._link = house, link

    async def ok(self, op, **args):
        result = await self._house.ok(op, **args)
        if "sdp" in result:
            result = {**result, "sdp": self._link.rewritten(result["sdp"])}
        return result
