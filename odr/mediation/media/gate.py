"""aioice's own sockets, closed to whoever has not proved the address; it does not know rooms or media.

aioice hands everything that is not STUN on to DTLS and SRTP, whoever sent it, and goes on sending to the
address it chose first. Here media from other addresses is dropped before any decryption (RFC 8445 §12),
and an address that proves itself while the old one is silent is followed.
"""

import asyncio
import time
from functools import partial
from typing import Any

from aioice.ice import StunProtocol

from odr.mediation.media.hub import LOOKS_S, PROBE_EVERY_S, Address, follow, probe

LONGEST = 1500


class Gate:
    """In front of one aioice connection."""

    def __init__(self, ice: Any) -> None:  # noqa: ANN401 -- aioice's connection
        """Stand in its way before it gathers."""
        self._ice = ice
        self._gather = ice.get_component_candidates
        self._heard = self._probed = 0.0
        ice.get_component_candidates = self._candidates

    async def _candidates(self, *arguments: Any, **named: Any) -> Any:  # noqa: ANN401
        found = await self._gather(*arguments, **named)
        for protocol in self._ice._protocols:  # noqa: SLF001 -- proved at start-up
            protocol.datagram_received = partial(self._received, protocol)
        return found

    def _received(self, protocol: StunProtocol, data: bytes, addr: tuple[Any, ...]) -> None:
        at: Address = (addr[0], addr[1])
        if len(data) > LONGEST:  # pylibsrtp would raise where aiortc does not expect it
            return
        if data and 128 <= data[0] <= 191:  # noqa: PLR2004 -- RFC 7983: RTP and RTCP
            pair = self._ice._nominated.get(1)  # noqa: SLF001
            if pair is None or tuple(pair.remote_addr[:2]) != at:
                self._stranger(protocol, at)
                return
            self._heard = time.monotonic()
        type(protocol).datagram_received(protocol, data, addr)
        if data and data[0] < 4:  # noqa: PLR2004 -- RFC 7983: STUN
            for seconds in LOOKS_S:
                asyncio.get_running_loop().call_later(seconds, self._look, at)

    def _stranger(self, protocol: StunProtocol, at: Address) -> None:
        now = time.monotonic()
        if now - self._probed >= PROBE_EVERY_S:
            self._probed = now
            probe(self._ice, protocol, at)
            self._look(at)

    def _look(self, heard_from: Address) -> None:
        follow(self._ice, heard_from, time.monotonic() - self._heard)
