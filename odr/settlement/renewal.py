"""Adds a fresh document time stamp before the last one's certificate ends (PAdES-B-LTA); it does not know where papers are kept."""

import io
from datetime import datetime, timedelta
from typing import Any

from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.signers.pdf_signer import PdfTimeStamper, TimestampDSSContentSettings

from odr.errors import Refused, Tampered
from odr.settlement.authority import Authority
from odr.settlement.opening import STAMP, name_of, stamp_of
from odr.settlement.signing import embedding_context
from odr.settlement.verification import verify_pdf

EARLY = timedelta(days=180)  # half a year to notice that a renewal fails, and to try again


class _Stamper(PdfTimeStamper):
    """What is needed for a later check goes in before the stamp, so that the stamp covers the whole file."""

    async def async_timestamp_pdf(self, *args: Any, **how: Any) -> Any:  # noqa: ANN401 -- the library's
        settings = TimestampDSSContentSettings(include_vri=False, update_before_ts=True)
        return await super().async_timestamp_pdf(*args, dss_settings=settings, **how)


def lasts_until(pdf: bytes) -> datetime:
    """When the certificate of the last document time stamp ends; Refused when there is no such stamp."""
    signatures = list(PdfFileReader(io.BytesIO(pdf)).embedded_signatures)
    stamp = stamp_of(signatures[-1]) if signatures else None
    if stamp is None or name_of(signatures[-1]) != STAMP:
        raise Refused("settlement.no-file-stamp")
    end = stamp.certificate.not_valid_after
    if not isinstance(end, datetime):
        raise Refused("settlement.no-file-stamp")
    return end


def renew(authority: Authority, pdf: bytes, now: datetime) -> bytes:
    """The same bytes with one more stamp after them.

    Tampered for a paper that does not verify at ``now``: a fresh stamp must not lend it credit.
    """
    _require_good(authority, pdf, now)
    context = embedding_context(authority, now)
    out = io.BytesIO()
    _Stamper(authority.timestamper(now)).update_archival_timestamp_chain(
        PdfFileReader(io.BytesIO(pdf)), context, in_place=False, output=out
    )
    renewed = out.getvalue()
    _require_good(authority, renewed, now)
    if not renewed.startswith(pdf):
        raise Tampered("settlement.file-tampered", item=STAMP)
    return renewed


def _require_good(authority: Authority, pdf: bytes, now: datetime) -> None:
    roots = [root.dump() for root in authority.stamp_roots()]
    for finding in verify_pdf(pdf, roots[:1], roots[1:], now):
        if not finding.ok:
            raise Tampered("settlement.file-tampered", item=finding.item)
