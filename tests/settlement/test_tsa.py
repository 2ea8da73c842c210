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
