"""The internal time stamp authority (RFC 3161) of this installation; it does not know what it stamps.

It proves order only as far as its operator is trusted, so its certificate and every report call it internal.
"""

import copy
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime

from asn1crypto import algos, cms, core, tsp, x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePrivateKey
from pyhanko.sign import general
from pyhanko.sign.timestamps import TimeStamper

from odr import chain

POLICY = "2.25.305419896"  # our own arc; no public policy stands behind an internal stamp


@dataclass(frozen=True)
class StampKey:
    """The TSA's key, its certificate and the root's, opened once."""

    key: EllipticCurvePrivateKey
    certificate: x509.Certificate
    root: x509.Certificate


class InternalTimeStamper(TimeStamper):
    """Answers time stamp requests in this process with a cached key."""

    def __init__(self, stamp_key: StampKey, now: datetime | None = None) -> None:
        """``now`` is the time of every token of this signing; None asks the machine at each token."""
        super().__init__()
        self.stamp_key = stamp_key
        self.moment = now

    def at(self, now: datetime) -> "InternalTimeStamper":
        """The same key at another moment; what it knows of the length of its tokens is shared."""
        other = copy.copy(self)
        other.moment = now
        return other

    async def async_request_tsa_response(self, req: tsp.TimeStampReq) -> tsp.TimeStampResp:
        """One granted response with a token over the request's digest."""
        token = cms.ContentInfo({"content_type": "signed_data", "content": self._signed(req)})
        status = tsp.PKIStatusInfo({"status": tsp.PKIStatus("granted")})
        return tsp.TimeStampResp({"status": status, "time_stamp_token": token})

    def token(self, digest: bytes) -> bytes:
        """A token (DER) over a SHA-256 ``digest`` of 32 bytes."""
        _, req = self.request_cms(digest, "sha256")
        return cms.ContentInfo({"content_type": "signed_data", "content": self._signed(req)}).dump()

    def _signed(self, req: tsp.TimeStampReq) -> cms.SignedData:
        moment = (self.moment or datetime.now(UTC)).replace(microsecond=0)
        content = _token_info(req, moment, self.stamp_key.certificate).dump()
        digest = algos.DigestAlgorithm({"algorithm": "sha256"})
        return cms.SignedData(
            {
                "version": "v3",
                "digest_algorithms": cms.DigestAlgorithms((digest,)),
                "encap_content_info": cms.EncapsulatedContentInfo(
                    {"content_type": "tst_info", "content": cms.ParsableOctetString(content)}
                ),
                "certificates": [self.stamp_key.certificate, self.stamp_key.root],
                "signer_infos": [_signer_info(self.stamp_key, content, digest)],
            }
        )


def _token_info(req: tsp.TimeStampReq, moment: datetime, signer: x509.Certificate) -> tsp.TSTInfo:
    body = {
        "version": "v1",
        "policy": tsp.ObjectIdentifier(POLICY),
        "message_imprint": req["message_imprint"],
        "serial_number": secrets.randbits(63),
        "gen_time": moment,
        "tsa": x509.GeneralName(name="directory_name", value=signer.subject),
    }
    if req["nonce"].native is not None:
        body["nonce"] = req["nonce"]
    return tsp.TSTInfo(body)


def _signer_info(
    stamp_key: StampKey, content: bytes, digest: algos.DigestAlgorithm
) -> cms.SignerInfo:
    certificate = stamp_key.certificate
    attributes = cms.CMSAttributes(
        [
            general.simple_cms_attribute("content_type", "tst_info"),
            general.simple_cms_attribute(
                "signing_certificate_v2", general.as_signing_certificate_v2(certificate)
            ),
            general.simple_cms_attribute(
                "message_digest", core.OctetString(bytes.fromhex(chain.digest(content)))
            ),
        ]
    )
    issuer = cms.IssuerAndSerialNumber(
        {"issuer": certificate.issuer, "serial_number": certificate.serial_number}
    )
    return cms.SignerInfo(
        {
            "version": "v1",
            "sid": cms.SignerIdentifier({"issuer_and_serial_number": issuer}),
            "digest_algorithm": digest,
            "signature_algorithm": algos.SignedDigestAlgorithm({"algorithm": "sha256_ecdsa"}),
            "signed_attrs": attributes,
            "signature": stamp_key.key.sign(attributes.dump(), ECDSA(hashes.SHA256())),
        }
    )
