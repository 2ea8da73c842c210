"""One UDP port for all connections of a node: who a datagram is for; it does not know rooms or media.

STUN requests name their connection (RFC 8445: the user name begins with our fragment), STUN answers
belong to whoever asked, everything else to the address that a connection has proved. What comes from
an address that nobody proved goes nowhere.
"""

import asyncio
import logging
import struct
from collections import OrderedDict
from collections.abc import Callable, MutableMapping
from contextlib import suppress
from typing import Any

from aioice.candidate import Candidate, candidate_foundation, candidate_priority
from aioice.ice import CandidatePair, StunProtocol

logger = logging.getLogger(__name__)

Address = tuple[str, int]
STUN_HEAD, RTP_HEAD = 20, 12
REQUEST, SUCCESS = 0x0001, 0x0101
USERNAME = 0x0006
ASKED = 10_000
LOOKS_S = (0.0, 0.01, 0.1)
QUIET_S = 0.15  # seven packets of sound
COMPONENT = 1
PROBE = "probe"
PROBES = 4
SSRCS = 16
PROBE_EVERY_S = 0.05


class Way(asyncio.DatagramTransport):
    """The transport of one connection over the hub's socket, as aioice wants one."""

    def __init__(self, hub: "Hub", ice: Any, moved: Callable[[Address], None]) -> None:  # noqa: ANN401
        """``ice`` is aioice's connection; ``moved`` hears of the proved address, again if it changes."""
        super().__init__()
        self.hub, self.ice = hub, ice
        self.proved: Address | None = None
        self.ssrcs: set[int] = set()
        self._probed = 0.0
        self.quiet: Callable[[], float] = lambda: 0.0
        self._moved = moved
        self._closing = False
        self.protocol = StunProtocol(ice)
        self.protocol.connection_made(self)

    async def candidates(
        self,
        component: int,
        addresses: list[str],
        timeout: int = 5,  # noqa: ASYNC109
    ) -> list[Candidate]:
        """Our addresses, all with the hub's one port; in place of aioice's own gathering."""
        del timeout
        found = [
            Candidate(
                foundation=candidate_foundation("host", "udp", address),
                component=component,
                transport="udp",
                priority=candidate_priority(component, "host"),
                host=address,
                port=self.hub.port,
                type="host",
            )
            for address in self.hub.addresses or _ipv4(addresses)
        ]
        self.protocol.local_candidate = found[0]
        self.ice._protocols.append(self.protocol)  # noqa: SLF001 -- proved at start-up
        self.hub.enter(self)
        return found

    @property
    def fragment(self) -> str:
        """Our ICE user name fragment."""
        return str(self.ice.local_username)

    def get_extra_info(self, name: str, default: Any = None) -> Any:  # noqa: ANN401
        """Only the address is known."""
        local = self.protocol.local_candidate
        return (local.host, local.port) if name == "sockname" else default

    def sendto(self, data: Any, addr: Any = None) -> None:  # noqa: ANN401 -- asyncio's signature
        """Send one datagram; STUN is watched on its way, it tells who proved which address."""
        if data and data[0] < 4 and len(data) >= STUN_HEAD:  # noqa: PLR2004 -- RFC 7983
            self.hub.watch(self, bytes(data), addr)
        self.hub.send_to(bytes(data), addr)

    def is_closing(self) -> bool:
        """Whether it has been closed."""
        return self._closing

    def close(self) -> None:
        """Leave the hub; the socket stays."""
        if not self._closing:
            self._closing = True
            self.hub.leave(self)
            asyncio.get_running_loop().call_soon(self.protocol.connection_lost, None)

    def abort(self) -> None:
        """As ``close``."""
        self.close()

    def received(self, data: bytes, addr: Address) -> None:
        """A STUN or DTLS datagram for this connection."""
        if self._closing:
            return
        with suppress(struct.error, KeyError, AssertionError):  # aioice's parser lets these escape
            self.protocol.datagram_received(data, addr)
        if data[0] < 4:  # noqa: PLR2004 -- RFC 7983: STUN
            loop = asyncio.get_running_loop()
            for seconds in LOOKS_S:
                loop.call_later(seconds, self.look, addr)

    def speaks(self, ssrc: int) -> None:
        """It sends under this SSRC: by it media from another address is known as its own."""
        if ssrc not in self.ssrcs and len(self.ssrcs) < SSRCS:
            self.ssrcs.add(ssrc)
            self.hub.speaks(self, ssrc)

    def stranger(self, addr: Address) -> None:
        """Media that says it is ours came from an address that has not been proved."""
        now = asyncio.get_running_loop().time()
        if not self._closing and now - self._probed >= PROBE_EVERY_S:
            self._probed = now
            probe(self.ice, self.protocol, addr)
            self.look(addr)

    def look(self, heard_from: Address) -> None:
        """See which address is proved now."""
        if self._closing:
            return
        proved = follow(self.ice, heard_from, self.quiet())
        if proved is not None and proved != self.proved:
            self.proved = proved
            self._moved(proved)


def follow(ice: Any, heard_from: Address, quiet_s: float) -> Address | None:  # noqa: ANN401
    """The address aioice has proved; one that has just been proved is followed when the old one is silent."""
    nominated = ice._nominated  # noqa: SLF001 -- proved at start-up
    pair = nominated.get(COMPONENT)
    if pair is None:
        return None
    if pair.remote_addr != heard_from and quiet_s > QUIET_S:
        for other in ice._check_list:  # noqa: SLF001
            if other.remote_addr == heard_from and other.state.name == "SUCCEEDED":
                nominated[COMPONENT] = pair = other
    return tuple(pair.remote_addr[:2])


def probe(ice: Any, protocol: StunProtocol, addr: Address) -> None:  # noqa: ANN401
    """Ask an address that media comes from to prove itself, as RFC 8445 §7.3.1.4 does for its own checks.

    A phone that changes its network would be asked only with the next consent check, seconds later.
    """
    checks = ice._check_list  # noqa: SLF001
    mine = [pair for pair in checks if pair.remote_candidate.foundation == PROBE]
    for pair in mine:
        if pair.state.name == "FAILED":
            checks.remove(pair)
    known = any(pair.remote_addr == addr and pair.state.name != "FAILED" for pair in checks)
    pending = sum(pair.state.name == "IN_PROGRESS" for pair in mine)
    if known or pending >= PROBES or not ice._nominated:  # noqa: SLF001
        return
    priority = candidate_priority(COMPONENT, "prflx")
    candidate = Candidate(PROBE, COMPONENT, "udp", priority, addr[0], addr[1], "prflx")
    pair = CandidatePair(protocol, candidate)
    checks.append(pair)
    ice.check_start_task(pair)


class Hub:
    """The demultiplexer; an engine gives it the socket (``port``, ``send_to``)."""

    def __init__(self, addresses: list[str], send_to: Callable[[bytes, Address], None]) -> None:
        """``addresses`` are offered; none: all of the machine's."""
        self.addresses, self.send_to = addresses, send_to
        self.port = 0
        self._by_fragment: dict[str, Way] = {}
        self._by_address: dict[Address, Way] = {}
        self._asked: OrderedDict[bytes, Way] = OrderedDict()
        self._by_ssrc: dict[int, Way] = {}

    def enter(self, way: Way) -> None:
        """A connection begins to gather."""
        self._by_fragment[way.fragment] = way

    def leave(self, way: Way) -> None:
        """A connection has ended."""
        self._by_fragment.pop(way.fragment, None)
        _without(self._by_address, way)
        _without(self._asked, way)
        _without(self._by_ssrc, way)

    def watch(self, way: Way, data: bytes, addr: Address) -> None:
        """A STUN message goes out: an answer proves its receiver, a question expects an answer."""
        kind = int.from_bytes(data[:2], "big")
        if kind == SUCCESS:
            self._by_address[addr] = way
        elif kind == REQUEST:
            self._asked[data[8:STUN_HEAD]] = way
            if len(self._asked) > ASKED:
                self._asked.popitem(last=False)

    def speaks(self, way: Way, ssrc: int) -> None:
        """A connection sends under this SSRC."""
        self._by_ssrc[ssrc] = way

    def stranger(self, data: bytes, addr: Address) -> None:
        """Media from an address that nobody proved: it is dropped, and its owner asked to prove it."""
        if len(data) >= RTP_HEAD:
            way = self._by_ssrc.get(int.from_bytes(data[8:RTP_HEAD], "big"))
            if way is not None:
                way.stranger(addr)

    def datagram(self, data: bytes, addr: Address) -> None:
        """A STUN or DTLS datagram has come; nothing raises."""
        way = self._whose(data, addr)
        if way is not None:
            way.received(data, addr)

    def _whose(self, data: bytes, addr: Address) -> Way | None:
        if not data or data[0] > 3:  # noqa: PLR2004 -- RFC 7983: not STUN
            return self._by_address.get(addr)
        if len(data) < STUN_HEAD:
            return None
        if int.from_bytes(data[:2], "big") == REQUEST:
            return self._by_fragment.get(fragment(data))
        return self._asked.pop(data[8:STUN_HEAD], None)


def _ipv4(addresses: list[str]) -> list[str]:
    """The machine's addresses for one IPv4 port; a machine without a network still has itself."""
    return [one for one in addresses if ":" not in one] or ["127.0.0.1"]


def _without(known: MutableMapping[Any, Way], way: Way) -> None:
    for key in [key for key, value in known.items() if value is way]:
        del known[key]


def fragment(data: bytes) -> str:
    """Our fragment in the user name of a STUN request (RFC 8445 7.2.2); "" when there is none."""
    place = STUN_HEAD
    while place + 4 <= len(data):
        kind, length = struct.unpack_from("!HH", data, place)
        if kind == USERNAME:
            name = data[place + 4 : place + 4 + length]
            return name.split(b":")[0].decode("ascii", "replace")
        place += 4 + length + (-length & 3)
    return ""
