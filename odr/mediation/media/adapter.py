# ruff: noqa: SLF001 -- the one module that reaches into aiortc and aioice; ``check`` proves each name
"""aiortc as a transport: SDP, ICE, DTLS and SRTP are its; packets are ours. It does not know rooms.

aiortc decodes what it receives and encodes what it sends. A forwarder wants neither, so received packets
are taken where they have just been decrypted and sent where they are encrypted next. Every name used
that is not public stands here and is checked at start-up.
"""

import asyncio
import inspect
import logging
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pylibsrtp
from aioice import ice
from aiortc import RTCBundlePolicy, RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.rtcdtlstransport import RTCDtlsTransport
from aiortc.rtcrtpreceiver import RTCRtpReceiver
from aiortc.rtcrtpsender import RTCRtpSender
from aiortc.rtcrtptransceiver import RTCRtpTransceiver

from odr.errors import Refused, Unavailable
from odr.mediation.media.sdp import Offer

logger = logging.getLogger(__name__)

CLOSE_SECONDS = 5.0
PORT_TRIES = 64
EVERYWHERE = frozenset({"0.0.0.0", ""})  # noqa: S104 -- a value that is recognised, not bound
DataHook = Callable[[bytes], None]


@dataclass(frozen=True, slots=True)
class Sending:
    """One line on which we send: its SSRC and payload types by codec."""

    kind: str
    ssrc: int
    types: dict[str, int]


@dataclass(frozen=True, slots=True)
class Hooks:
    """Whom a connection tells of RTP, RTCP and of its state (connected, failed, closed)."""

    rtp: DataHook
    rtcp: DataHook
    state: Callable[[str], None]


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
    if "_ssrc" not in inspect.getsource(RTCRtpSender.__init__):
        raise _missing("RTCRtpSender._ssrc")
    if "_stream_id" not in inspect.getsource(RTCRtpSender.__init__):
        raise _missing("RTCRtpSender._stream_id")
    for name in ("_codecs", "_offerDirection"):
        if name not in inspect.getsource(RTCRtpTransceiver.__init__):
            raise _missing(f"RTCRtpTransceiver.{name}")


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
        self._dtls = transceivers[0].receiver.transport
        _replace(self._dtls, _handle_rtp_data=self._rtp, _handle_rtcp_data=self._rtcp)
        await self._pc.setLocalDescription(await self._pc.createAnswer())
        self.sending = [_sending(one) for one in transceivers[2:]]
        return _with_fec(str(self._pc.localDescription.sdp), transceivers[0]._codecs)

    def _quiet(self, transceiver: RTCRtpTransceiver) -> None:
        """No decoder threads, no encoders, no reports: all of that is done here or not at all."""
        _replace(transceiver.receiver, receive=_nothing, stop=_nothing)
        _replace(transceiver.sender, send=_nothing, stop=_nothing)

    async def _rtp(self, data: bytes, arrival_time_ms: int) -> None:
        del arrival_time_ms
        self._guard(self._hooks.rtp, data)

    async def _rtcp(self, data: bytes) -> None:
        self._guard(self._hooks.rtcp, data)

    def _guard(self, hook: DataHook, data: bytes) -> None:
        try:
            hook(data)
        except Exception:  # one packet must never end the connection that brought it
            logger.exception("a packet could not be handled")

    def send(self, data: bytes) -> None:
        """Encrypt and send one RTP or RTCP packet; silently nothing when not connected."""
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
        try:
            async with asyncio.timeout(CLOSE_SECONDS):
                await self._pc.close()
        except Exception:  # a half-open connection may fail to close in many ways
            logger.warning("a connection did not close cleanly")


def _replace(owner: object, **methods: object) -> None:
    """Put our methods in the place of aiortc's on one object."""
    for name, method in methods.items():
        setattr(owner, name, method)


async def _nothing(*_arguments: object) -> None:
    return


def _sending(transceiver: RTCRtpTransceiver) -> Sending:
    types = {codec.name.lower(): int(codec.payloadType or 0) for codec in transceiver._codecs}
    return Sending(transceiver.kind, transceiver.sender._ssrc, types)


def _with_fec(answer: str, codecs: list[Any]) -> str:
    """Ask for Opus in-band error correction, which aiortc cannot say itself."""
    pt = codecs[0].payloadType
    row = f"a=rtpmap:{pt} opus/48000/2\r\n"
    return answer.replace(row, f"{row}a=fmtp:{pt} minptime=10;useinbandfec=1\r\n")
