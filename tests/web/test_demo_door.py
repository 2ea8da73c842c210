from uuid import uuid4

import pytest

from odr.errors import Refused
from odr.web.demo_door import demo_token, read_demo_token


def test_a_link_names_role_and_person_and_is_never_the_same_twice():
    who = uuid4()
    first, second = demo_token("s3", "clerk", who), demo_token("s3", "clerk", who)
    assert read_demo_token("s3", first)[:2] == ("clerk", who)
    assert read_demo_token("s3", first)[2] != read_demo_token("s3", second)[2]


@pytest.mark.parametrize(
    "change", [lambda t: t[:-1] + "!", lambda t: "x" + t, lambda _t: "", lambda _t: "a.b"]
)
def test_a_changed_link_is_refused(change):
    with pytest.raises(Refused):
        read_demo_token("s3", change(demo_token("s3", "party", uuid4())))


def test_a_link_of_another_house_is_refused():
    with pytest.raises(Refused):
        read_demo_token("other", demo_token("s3", "party", uuid4()))
