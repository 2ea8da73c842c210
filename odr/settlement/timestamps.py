"""A time stamp authority outside this house, asked over HTTP (RFC 3161); it does not know what it stamps.

Nothing it answers is believed before its signature, its digest and its chain to a pinned root are checked, so
a paper gets a good stamp or none.
"""

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from urllib.parse import urlsplit

import requests
from asn1crypto import cms, pem, tsp, x509
from pyhanko.sign.general import SigningError
from pyhanko.sign.timestamps import TimeStamper

from odr import clock
from odr.errors import Refused, Tampered, Unavailable
from odr.settlement.stampcheck import DAMAGE, certificates_of, holds

QUERY, REPLY = "application/timestamp-query", "application/timestamp-reply"
CONNECT_SECONDS, READ_SECONDS = 4.0, 10.0
LARGEST_REPLY = 64 * 1024
LARGEST_GAP = timedelta(minutes=2)


@dataclass(frozen=True)
class OutsideTsa:
    """Where it is, what stands over its certificates, and ``login`` as ``name:password`` or empty."""

    url: str
    roots: tuple[x509.Certificate, ...]
    login: str = field(default="", repr=False)

    @classmethod
    def from_settings(cls, url: str, roots: Path | None, login: str = "") -> "OutsideTsa":
        """Refused when there is no root to check its stamps by, or when a password would go in clear."""
        if roots is None:
            raise Refused("settlement.tsa-roots", file="")
        if login and not url.startswith("https://"):
            raise Refused("settlement.tsa-clear-login")
        return cls(url, certificates_in(roots), login)

    @cached_property
    def timestamper(self) -> "OutsideTimeStamper":
        """One for all, because it asks once how long an answer gets."""
        return OutsideTimeStamper(self)

    def token(self, digest: bytes) -> bytes:
        """A token (DER) over a SHA-256 ``digest`` of 32 bytes; raises as the stamper does."""
        found: cms.ContentInfo = asyncio.run(self.timestamper.async_timestamp(digest, "sha256"))
        return bytes(found.dump())

    def roots_pem(self) -> bytes:
        """What stands over its certificates, for those who check later."""
        return b"".join(pem.armor("CERTIFICATE", root.dump()) for root in self.roots)

    @property
    def host(self) -> str:
        """Whom the refusals name."""
        return urlsplit(self.url).hostname or self.url

    def ask(self, query: bytes) -> bytes:
        """The reply to a query, both DER; Unavailable when it does not come."""
        login = tuple(self.login.split(":", 1)) if self.login else None
        try:
            with requests.post(
                self.url,
                data=query,
                headers={"Content-Type": QUERY, "Accept": REPLY},
                auth=login if login is None else (login[0], login[-1]),
                timeout=(CONNECT_SECONDS, READ_SECONDS),
                allow_redirects=False,
                stream=True,
            ) as answer:
                kind = answer.headers.get("Content-Type", "").partition(";")[0].strip()
                if answer.status_code != requests.codes.ok or kind != REPLY:
                    raise Unavailable("settlement.tsa-away", host=self.host, why=answer.status_code)
                reply = answer.raw.read(LARGEST_REPLY + 1, decode_content=True)
        except (requests.RequestException, OSError) as error:
            why = type(error).__name__
            raise Unavailable("settlement.tsa-away", host=self.host, why=why) from error
        if len(reply) > LARGEST_REPLY:
            raise Unavailable("settlement.tsa-away", host=self.host, why=f"> {LARGEST_REPLY}")
        return bytes(reply)


class OutsideTimeStamper(TimeStamper):
    """Asks the authority and checks what it says."""

    def __init__(self, tsa: OutsideTsa) -> None:
        """``tsa`` says whom to ask and whom to believe."""
        super().__init__()
        self.tsa = tsa

    async def async_request_tsa_response(self, req: tsp.TimeStampReq) -> tsp.TimeStampResp:
        """The parsed reply; every paper is signed in a loop of its own, so waiting here blocks nobody."""
        try:
            return tsp.TimeStampResp.load(self.tsa.ask(req.dump()), strict=True)
        except DAMAGE as error:
            raise Tampered("settlement.tsa-forged", host=self.tsa.host) from error

    async def async_timestamp(self, message_digest: bytes, md_algorithm: str) -> cms.ContentInfo:
        """A token over the digest; Unavailable when refused, Tampered when it does not hold."""
        try:
            token = await super().async_timestamp(message_digest, md_algorithm)
        except SigningError as error:
            raise Unavailable("settlement.tsa-away", host=self.tsa.host, why=error) from error
        except DAMAGE as error:
            raise Tampered("settlement.tsa-forged", host=self.tsa.host) from error
        moment = await holds(token, message_digest, self.tsa.roots)
        if moment is None:
            raise Tampered("settlement.tsa-forged", host=self.tsa.host)
        if abs(moment - clock.now()) > LARGEST_GAP:
            # a person's certificate begins now: a stamp from before would never prove it
            raise Unavailable("settlement.tsa-clock", host=self.tsa.host, told=moment.isoformat())
        return token


def certificates_in(file: Path) -> tuple[x509.Certificate, ...]:
    """The certificates of a PEM file; Refused when there is none."""
    try:
        return tuple(certificates_of(file.read_bytes()))
    except (OSError, *DAMAGE) as error:
        raise Refused("settlement.tsa-roots", file=str(file)) from error
