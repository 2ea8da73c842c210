from datetime import timedelta

import pytest

from odr.errors import Refused
from odr.identity import otp
from odr.identity.otp import STRICT
from tests.people import NOW


def ago(**span: float):
    return NOW - timedelta(**span)


def test_a_code_has_six_digits_even_when_small():
    assert otp.make(lambda _: 42) == "000042"


def test_the_first_code_is_sent_at_once():
    otp.check_asking(STRICT, NOW, phone=[], address=[])


@pytest.mark.parametrize(
    ("phone", "address", "key"),
    [
        ([ago(seconds=59)], [], "identity.code-too-soon"),
        ([ago(minutes=2 + n) for n in range(5)], [], "identity.code-too-many-hour"),
        ([ago(hours=2 + n) for n in range(10)], [], "identity.code-too-many-day"),
        ([], [ago(minutes=1 + n) for n in range(20)], "identity.code-too-many-address"),
    ],
)
def test_too_many_are_refused(phone, address, key):
    with pytest.raises(Refused) as refused:
        otp.check_asking(STRICT, NOW, phone=phone, address=address)
    assert refused.value.key == key


def test_after_the_spans_codes_are_sent_again():
    otp.check_asking(STRICT, NOW, phone=[ago(seconds=60)], address=[])
    otp.check_asking(STRICT, NOW, phone=[ago(minutes=61 + n) for n in range(9)], address=[])


def test_the_sixth_try_is_refused_whatever_it_is():
    late = NOW + otp.LIFETIME
    assert otp.check_trying(tries=4, expires_at=late, used=False, now=NOW) is None
    assert otp.check_trying(tries=5, expires_at=late, used=False, now=NOW).key.endswith("spent")
    assert otp.check_trying(tries=0, expires_at=late, used=True, now=NOW).key.endswith("used")
    assert otp.check_trying(tries=0, expires_at=NOW, used=False, now=NOW).key.endswith("expired")


def test_a_wrong_try_says_how_many_are_left():
    assert otp.wrong(1).values == {"left": 4}
    assert otp.wrong(5).key == "identity.code-spent"
