from datetime import timedelta

from cryptography.hazmat.primitives.asymmetric import ec

from odr.settlement.certificates import TSA, later_span, shortened, standing_certificate
from tests.settlement.conftest import NOW, ORGANISATION


def test_long_names_are_cut_between_characters():
    assert shortened("长" * 40) == "长" * 21


def test_later_certificates_begin_now_and_end_within_the_root(desk):
    root = desk.authority.root
    start, end = later_span(TSA, root, NOW)
    assert NOW - start == timedelta(minutes=5)
    assert end < root.certificate.not_valid_after_utc


def test_only_the_stamp_may_stamp(desk):
    root, key = desk.authority.root, ec.generate_private_key(ec.SECP256R1())
    span = later_span(TSA, root, NOW)
    usages = {
        kind: [
            extension.value
            for extension in standing_certificate(key, kind, ORGANISATION, root, span).extensions
            if extension.oid.dotted_string == "2.5.29.37"
        ]
        for kind in ("platform", "seal", "tsa")
    }
    assert {kind: len(found) for kind, found in usages.items()} == {
        "platform": 0,
        "seal": 0,
        "tsa": 1,
    }
