"""Whether an RFC 3161 token of any authority holds under given roots; it does not know how it was had."""

import asyncio
from collections.abc import Sequence
from datetime import datetime

from asn1crypto import cms, pem, x509
from pyhanko.sign.general import SigningError
from pyhanko.sign.validation.generic_cms import validate_tst_signed_data
from pyhanko.sign.validation.status import TimestampSignatureStatus
from pyhanko_certvalidator import ValidationContext

DAMAGE = (ValueError, TypeError, KeyError, AttributeError)  # what hostile bytes raise in the parser


async def holds(
    token: cms.ContentInfo, digest: bytes, roots: Sequence[x509.Certificate]
) -> datetime | None:
    """When ``digest`` was stamped; None when signature, digest, purpose or chain do not fit.

    The chain is judged at the moment that the stamp tells.
    """
    try:
        signed = token["content"]
        moment = signed["encap_content_info"]["content"].parsed["gen_time"].native
        context = ValidationContext(
            trust_roots=list(roots), allow_fetching=False, moment=moment, retroactive_revinfo=True
        )
        said = await validate_tst_signed_data(signed, context, lambda _algorithm: digest)
    except (SigningError, *DAMAGE):
        return None
    status = TimestampSignatureStatus(**said)
    good = status.intact and status.valid and status.trusted
    return moment if good and isinstance(moment, datetime) else None


def stamped_at(token: bytes, digest: bytes, roots: bytes) -> datetime | None:
    """The same for a token in DER and roots in one PEM text."""
    try:
        parsed = cms.ContentInfo.load(token, strict=True)
        trusted = certificates_of(roots)
    except DAMAGE:
        return None
    return asyncio.run(holds(parsed, digest, trusted))


def certificates_of(data: bytes) -> list[x509.Certificate]:
    """The certificates of a PEM text, or the one of a DER file; ValueError when there is none."""
    if not pem.detect(data):
        return [x509.Certificate.load(data, strict=True)]
    return [x509.Certificate.load(der) for _, _, der in pem.unarmor(data, multiple=True)]
