from odr.mediation.media_port import Order, mark


def test_a_mark_carries_its_kind_and_its_body():
    assert mark("tap", seat="a1") == Order("mark", {"kind": "tap", "body": {"seat": "a1"}})
