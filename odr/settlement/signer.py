"""A pen for the signature library that signs with any key of the keyring; it does not know the paper."""

from typing import cast

from asn1crypto import x509 as asn1_x509
from asn1crypto.algos import SignedDigestAlgorithm
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA
from pyhanko.sign.signers.pdf_cms import Signer
from pyhanko_certvalidator.registry import SimpleCertificateStore

from odr.settlement.keyring import Holder

LONGEST_SIGNATURE = 72  # DER over P-256


class KeySigner(Signer):
    """ECDSA with SHA-256 by the holder's key, wherever that key lives."""

    def __init__(self, holder: Holder, root: Holder) -> None:
        """The root travels along in every signature, so that a reader can find it."""
        store = SimpleCertificateStore()
        store.register(as_asn1(root.certificate))
        self._holder = holder
        super().__init__(
            signing_cert=as_asn1(holder.certificate),
            cert_registry=store,
            signature_mechanism=SignedDigestAlgorithm({"algorithm": "sha256_ecdsa"}),
            embed_roots=True,
        )

    async def async_sign_raw(
        self,
        data: bytes,
        digest_algorithm: str,  # noqa: ARG002 -- fixed by the mechanism
        dry_run: bool = False,  # noqa: FBT001, FBT002 -- the library's interface
    ) -> bytes:
        """The raw signature; a dry run only asks how long it may get."""
        if dry_run:
            return bytes(LONGEST_SIGNATURE)
        return self._holder.key.sign(data, ECDSA(hashes.SHA256()))


def as_asn1(certificate: x509.Certificate) -> asn1_x509.Certificate:
    """A certificate as the signature library wants it."""
    return asn1_x509.Certificate.load(certificate.public_bytes(serialization.Encoding.DER))


def certificate_of(signer: Signer) -> asn1_x509.Certificate:
    """The certificate a signer signs with."""
    return cast(asn1_x509.Certificate, signer.signing_cert)
