import asyncio
from datetime import timedelta

from asn1crypto import cms

from tests.settlement.conftest import NOW


def test_a_token_tells_the_given_time_and_binds_the_digest(desk):
    token = cms.ContentInfo.load(desk.authority.stamp(b"d" * 32, NOW))
    info = token["content"]["encap_content_info"]["content"].parsed
    assert info["gen_time"].native == NOW
    assert info["message_imprint"]["hashed_message"].native == b"d" * 32
    assert info["message_imprint"]["hash_algorithm"]["algorithm"].native == "sha256"


def test_two_tokens_have_two_numbers(desk):
    numbers = {
        cms.ContentInfo.load(desk.authority.stamp(b"d" * 32, NOW))["content"]["encap_content_info"][
            "content"
        ]
        .parsed["serial_number"]
        .native
        for _ in range(3)
    }
    assert len(numbers) == 3


def test_the_length_of_a_token_is_asked_once_for_all_moments(desk):
    one, two = (desk.authority.timestamper(NOW + timedelta(hours=n)) for n in range(2))
    assert one is not two
    assert two.moment - one.moment == timedelta(hours=1)
    asyncio.run(one.async_dummy_response("sha256"))
    assert asyncio.run(two.async_dummy_response("sha256")) is asyncio.run(
        one.async_dummy_response("sha256")
    )
