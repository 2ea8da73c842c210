import pytest

from odr.settlement.opening import (
    embedded_data,
    embedded_roots,
    name_of,
    opened,
    trust,
)
from tests.settlement.conftest import NOW


def test_a_sealed_paper_is_taken_apart(sealed, desk):
    paper = opened(sealed)
    names = [name_of(signature) for signature in paper.signatures]
    assert names == ["platform", "party-1", "party-2", "mediator", "seal", "timestamp"]
    assert [stamp.moment for stamp in paper.stamps] == sorted(s.moment for s in paper.stamps)
    assert paper.stamps[0].moment == NOW
    assert {stamp.label.zh for stamp in paper.stamps} == {"内部时间戳"}
    assert [root.sha256.hex() for root in paper.brought] == [desk.authority.fingerprint]
    assert len(paper.revocations) == 1


def test_roots_of_stamps_are_no_roots_of_signers(sealed, desk):
    paper, root = opened(sealed), desk.authority.root_pem()
    given = trust(paper, [root], [root])
    assert (len(given.signers), len(given.stamps), given.given) == (1, 2, True)
    brought = trust(paper, None, None)
    assert not brought.given
    assert brought.signers == brought.stamps == paper.brought


def test_hostile_bytes_bring_no_roots():
    assert embedded_roots(b"%PDF-1.7 nothing") == []
    with pytest.raises(Exception, match=r".+"):
        embedded_data(b"%PDF-1.7 nothing")
