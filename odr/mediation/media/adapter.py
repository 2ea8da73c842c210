# ruff: noqa: SLF001 -- the one module that reaches into aiortc and aioice; ``check`` proves each name
"""aiortc as a transport: SDP, ICE, DTLS and SRTP are its; packets are ours. It does not know rooms.

aiortc decodes what it receives and encodes what it sends. A forwarder wants neither, so received packets
are taken where they have just been decrypted and sent where they are encrypted next. Every name used
that is not public stands here and is checked at start-up.
"""

import asyncio
import inspect
import itertools
import logging
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pylibsrtp
from aioice import ice
from aiortc import RTCBundlePolicy, RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.rtcdtlstransport import RTCDtlsTransport
from aiortc.rtcicetransport import RTCIceTransport
from aiortc.rtcrtpparameters import RTCRtpCodecParameters
from aiortc.rtcrtpreceiver import RTCRtpReceiver
from aiortc.rtcrtpsender import RTCRtpSender
from aiortc.rtcrtptransceiver import RTCRtpTransceiver

from odr.errors import Refused, Unavailable
from odr.mediation.media import memory, rtp
from odr.mediation.media.engine import DEAF, EVERYWHERE, Carrier, Ears, Engine
from odr.mediation.media.gate import Gate
from odr.mediation.media.lines import Outbound, Sending
from odr.mediation.media.sdp import Offer, asks_again

logger = logging.getLogger(__name__)

CLOSE_SECONDS = 5.0
PORT_TRIES = 64
SWEEP_EVERY = 16  # connections that have ended
UNUSED = ("_RTCRtpReceiver__remote_bitrate_estimator", "_RTCRtpReceiver__jitter_buffer")
_CLOSED = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Hooks:
    """Whom a connection tells what it hears, and its state: connected, failed or closed.

    ``engine`` carries what is encrypted.
    """

    ears: Ears
    state: Callable[[str], None]
    engine: Engine


def check() -> None:
    """Prove every private name at start-up; Unavailable names the one that is missing."""
    needed = [
        (RTCDtlsTransport, "_handle_rtp_data", ["self", "data", "arrival_time_ms"]),
        (RTCDtlsTransport, "_handle_rtcp_data", ["self", "data"]),
        (RTCDtlsTransport, "_send_rtp", ["self", "data"]),
        (RTCRtpReceiver, "receive", ["self", "parameters"]),
        (RTCRtpReceiver, "stop", ["self"]),
        (RTCRtpSender, "send", ["self", "parameters"]),
        (RTCRtpSender, "stop", ["self"]),
    ]
    for owner, name, parameters in needed:
        found: Any = getattr(owner, name, None)
        fits = inspect.iscoroutinefunction(found)
        if not fits or list(inspect.signature(found).parameters) != parameters:
            raise _missing(f"{owner.__name__}.{name}")
    host = getattr(ice, "get_host_addresses", None)
    if host is None or not {"use_ipv4", "use_ipv6"} <= set(inspect.signature(host).parameters):
        raise _missing("aioice.ice.get_host_addresses")
    for owner, names in _SET_BY.items():
        for name in names:
            if name not in inspect.getsource(owner.__init__):
                raise _missing(f"{owner.__name__}.{name}")
    if "timeout" not in inspect.signature(ice.Connection.get_component_candidates).parameters:
        raise _missing("Connection.get_component_candidates")


_SET_BY: dict[Any, tuple[str, ...]] = {
    RTCRtpReceiver: ("__remote_bitrate_estimator", "__jitter_buffer"),
    RTCRtpSender: ("_ssrc", "_rtx_ssrc", "_stream_id"),
    RTCRtpTransceiver: ("_codecs", "_offerDirection"),
    RTCDtlsTransport: ("_rx_srtp", "_tx_srtp"),
    RTCIceTransport: ("_connection",),
    ice.Connection: ("_nominated", "_check_list", "_protocols", "local_username"),
    pylibsrtp.Session: ("_srtp",),
}


def _missing(hook: str) -> Unavailable:
    return Unavailable("media.hook-missing", permanent=True, hook=hook)


def listen_on(host: str) -> None:
    """Offer only this address; aioice alone would never offer the machine's own loopback."""
    if host in EVERYWHERE:
        return

    def addresses(use_ipv4: bool, use_ipv6: bool) -> list[str]:  # noqa: FBT001 -- aioice's signature
        del use_ipv4, use_ipv6
        return [host]

    ice.get_host_addresses = addresses


def loop_factory(ports: tuple[int, int]) -> Callable[[], asyncio.AbstractEventLoop]:
    """Event loops (uvloop where it can be had) whose UDP sockets lie in a range of ports."""
    try:
        import uvloop  # noqa: PLC0415 -- optional on platforms that lack it

        family: Any = uvloop.Loop
    except ImportError:
        family = asyncio.SelectorEventLoop

    class MediaLoop(family):
        """A loop that picks UDP ports from the range."""

        async def create_datagram_endpoint(self, factory: Any, **options: Any) -> Any:  # noqa: ANN401
            """As in asyncio; port 0 means a free one of the range."""
            host, port = options.get("local_addr") or ("", -1)
            make = super().create_datagram_endpoint
            for _ in range(PORT_TRIES if port == 0 else 0):
                place = (host, random.randint(*ports))  # noqa: S311 -- a port is no secret
                try:
                    return await make(factory, **{**options, "local_addr": place})
                except OSError:
                    continue
            return await make(factory, **options)

    return MediaLoop


class Connection:
    """One client's transport; packets in by hooks, out by ``send``."""

    def __init__(self, hooks: Hooks) -> None:
        """Nothing is opened before ``answer``."""
        self._hooks = hooks
        self._dtls: RTCDtlsTransport | None = None
        self._carrier: Carrier | None = None
        self._level_id = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self.sending: list[Sending] = []
        configuration = RTCConfiguration(iceServers=[], bundlePolicy=RTCBundlePolicy.MAX_BUNDLE)
        self._pc = RTCPeerConnection(configuration)
        self._pc.on("connectionstatechange", self._changed)

    @property
    def state(self) -> str:
        """new, connecting, connected, failed or closed."""
        return str(self._pc.connectionState)

    def _changed(self) -> None:
        self._hooks.state(self.state)

    async def answer(self, offer: Offer) -> str:
        """Our side of an offer; Refused when aiortc does not take it."""
        try:
            return await self._answer(offer)
        except Exception as error:  # aiortc answers bad input with assertions, KeyErrors and more
            logger.info("offer refused by the transport: %s", type(error).__name__)
            await self.close()
            raise Refused("media.bad-offer", why=type(error).__name__) from error

    async def _answer(self, offer: Offer) -> str:
        await self._pc.setRemoteDescription(RTCSessionDescription(offer.text(), "offer"))
        transceivers = self._pc.getTransceivers()
        for index, transceiver in enumerate(transceivers):
            self._quiet(transceiver)
            transceiver.direction = "recvonly" if index < 2 else "sendonly"  # noqa: PLR2004
            transceiver.sender._stream_id = f"slot{index // 2 - 1}"
        self._level_id = offer.lines[0].loudness
        self._carry(transceivers[0].receiver.transport)
        await self._pc.setLocalDescription(await self._pc.createAnswer())
        self.sending = [_sending(one) for one in transceivers[2:]]
        text = str(self._pc.localDescription.sdp)
        return _opus(text, transceivers[0]._codecs, asks=all(map(asks_again, offer.lines[::2])))

    def _quiet(self, transceiver: RTCRtpTransceiver) -> None:
        """No decoder threads, encoders, reports, buffers: all of that is done here or not at all."""
        _replace(transceiver.receiver, receive=_nothing, stop=_nothing)
        _replace(transceiver.receiver, **dict.fromkeys(UNUSED))  # a thousand objects each
        _replace(transceiver.sender, send=_nothing, stop=_nothing)

    def _carry(self, dtls: RTCDtlsTransport) -> None:
        """Give what is encrypted to the engine, or take it from aiortc's own sockets."""
        self._dtls = dtls
        connection = dtls.transport._connection
        self._carrier = self._hooks.engine.carrier(self._hooks.ears)
        if self._carrier is None:
            Gate(connection)
            _replace(dtls, _handle_rtp_data=self._rtp, _handle_rtcp_data=self._rtcp)
            return
        self._carrier.gather(connection, self._level_id)
        dtls.on("statechange", self._keyed)

    def _keyed(self) -> None:
        if self._carrier is not None and self._dtls is not None and self._dtls.state == "connected":
            self._carrier.keys(self._dtls._rx_srtp, self._dtls._tx_srtp)

    async def _rtp(self, data: bytes, arrival_time_ms: int) -> None:
        del arrival_time_ms
        packet = rtp.parse(data, self._level_id, time.monotonic())
        if packet is not None:
            _guard(self._hooks.ears.packet, packet)

    async def _rtcp(self, data: bytes) -> None:
        _guard(lambda heard: self._hooks.ears.rtcp(heard, time.monotonic()), data)

    @property
    def carrier(self) -> Carrier | None:
        """The engine's part of it; None on aiortc's own sockets."""
        return self._carrier

    def outbounds(self) -> list[Outbound]:
        """The copies that can be sent here, in the order of the lines."""
        make = self._carrier.line if self._carrier is not None else Outbound
        return [make(one) for one in self.sending]

    def send(self, data: bytes) -> None:
        """Encrypt and send one RTP or RTCP packet; silently nothing when not connected."""
        if self._carrier is not None:
            self._carrier.send(data)
            return
        if self._dtls is None or self._dtls.state != "connected":
            return
        sending = self._dtls._send_rtp(data)
        try:
            sending.send(None)
        except StopIteration:
            return
        except (ConnectionError, OSError, ValueError, pylibsrtp.Error) as error:
            logger.debug("not sent: %s", error)
            return
        sending.close()  # it waited for something: one packet is not worth that

    async def close(self) -> None:
        """Hang up, whatever state it is in."""
        self._pc.remove_all_listeners()
        if self._carrier is not None:
            self._carrier.drop()
        try:
            async with asyncio.timeout(CLOSE_SECONDS):
                await self._pc.close()
        except Exception:  # a half-open connection may fail to close in many ways
            logger.warning("a connection did not close cleanly")
        self._hooks = replace(self._hooks, ears=DEAF, state=_unheard)
        if next(_CLOSED) % SWEEP_EVERY == 0:
            memory.sweep()  # what is left of aiortc's connections are circles, and the node looks for them rarely


def _unheard(_state: str) -> None:
    """Nobody asks how an ended connection is."""


def _guard(hook: Callable[[Any], None], heard: object) -> None:
    try:
        hook(heard)
    except Exception:  # one packet must never end the connection that brought it
        logger.exception("a packet could not be handled")


def _replace(owner: object, **methods: object) -> None:
    """Put our methods in the place of aiortc's on one object."""
    for name, method in methods.items():
        setattr(owner, name, method)


async def _nothing(*_arguments: object) -> None:
    return


def _sending(transceiver: RTCRtpTransceiver) -> Sending:
    said = [(one.name.lower(), int(one.payloadType or 0), one) for one in transceiver._codecs]
    names = {pt: name for name, pt, _ in said if name != "rtx"}
    repeats = {names[_apt(one)]: pt for name, pt, one in said if name == "rtx"}
    sender = transceiver.sender
    types = {name: pt for pt, name in names.items()}
    return Sending(transceiver.kind, sender._ssrc, types, sender._rtx_ssrc, repeats)


def _apt(codec: RTCRtpCodecParameters) -> int:
    """The type of what a type of repeats repeats (RFC 4588 §8.6)."""
    return int(codec.parameters["apt"] or 0)


def _opus(answer: str, codecs: list[Any], *, asks: bool) -> str:
    """Say what aiortc cannot say of sound: in-band error correction, and that lost packets are asked for."""
    pt = codecs[0].payloadType
    row = f"a=rtpmap:{pt} opus/48000/2\r\n"
    more = f"a=rtcp-fb:{pt} nack\r\n" if asks else ""
    return answer.replace(row, f"{row}{more}a=fmtp:{pt} minptime=10;useinbandfec=1\r\n")
