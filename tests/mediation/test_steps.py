import pytest
from sqlalchemy import select

from odr import chain
from odr.audit import AuditRow
from odr.db import reading
from odr.errors import Refused, Unavailable
from odr.mediation.models import IdentityCheck, StepRecord, Tap
from tests.fakes import JPEG


def test_nothing_is_tapped_unseen(table):
    table.begin()
    with pytest.raises(Refused, match="just changed"):
        table.act("a1", "tap", item="myself", text_hash="0" * 64)
    with pytest.raises(Refused, match="not part of the present step"):
        table.act("a1", "tap", item="rights", text_hash="0" * 64)


def test_a_tap_is_kept_once_with_hash_and_place_in_the_film(table):
    table.begin()
    item = table.state("a1")["card"]["items"][0]
    for _ in range(2):
        table.act("a1", "tap", item=item["key"], text_hash=item["text_hash"])
    with reading() as session:
        tap = session.scalars(select(Tap)).one()
        assert (tap.seat_key, tap.text_hash, tap.t_ms) == ("a1", item["text_hash"], 2000)
    assert table.media.marks() == ["step", "tap"]
    assert table.state("a1")["card"]["items"][0]["done"]


def test_an_english_reader_taps_the_english_sentence(table):
    table.begin()
    item = table.state("a1", "en")["card"]["items"][0]
    table.act("a1", "tap", item=item["key"], text_hash=chain.digest(item["text"].encode()))
    assert table.state("a1", "en")["card"]["items"][0]["done"]
    with reading() as session:
        assert session.scalars(select(Tap)).one().text_hash == item["text_hash"]


def test_identity_needs_a_picture_kept_with_its_hash(table):
    table.begin()
    table.act("m", "confirm-identity", seat="a1", verdict="same")
    with reading() as session:
        check = session.scalars(select(IdentityCheck)).one()
        row = session.scalars(select(AuditRow).where(AuditRow.action == "identity:checked")).one()
        assert check.sha256 == row.body["picture"] == chain.digest(JPEG)
    path = table.bench.files_dir / str(table.case_id)
    assert [file.read_bytes() for file in path.iterdir()] == [JPEG]
    assert table.state()["seats"][0]["identity"] == "same"


@pytest.mark.parametrize("verdict", ["doubt", "different"])
def test_doubt_about_one_person_stops_all(table, verdict):
    table.begin()
    table.tap_all()
    table.act("m", "confirm-identity", seat="a1", verdict="same")
    table.act("m", "confirm-identity", seat="r1", verdict=verdict)
    with pytest.raises(Refused, match="王经理 is in doubt"):
        table.act("m", "advance")
    table.act("m", "confirm-identity", seat="r1", verdict="same")
    table.act("m", "advance")
    assert table.state()["step"] == "rights-notice"


def test_the_desk_has_no_identity_to_check(table):
    table.begin()
    with pytest.raises(Refused):
        table.act("m", "confirm-identity", seat="c", verdict="same")


def test_a_step_is_left_only_when_each_party_has_done_it(table):
    table.begin()
    for seat in ("a1", "r1"):
        table.act("m", "confirm-identity", seat=seat, verdict="same")
    with pytest.raises(Refused, match="陈建国、王经理 has not yet confirmed every item"):
        table.act("m", "advance")
    assert any("陈建国" in sentence for sentence in table.state()["missing"])
    table.tap_all()
    table.act("m", "advance")
    assert table.state()["step"] == "rights-notice"
    assert len(table.state("a1")["card"]["items"]) == 11


def test_the_marks_hash_binds_step_row_and_audit(table):
    table.begin()
    table.do_step("identity-check")
    table.act("m", "advance")
    with reading() as session:
        rows = session.scalars(select(StepRecord).order_by(StepRecord.mark_seq)).all()
        audited = session.scalars(select(AuditRow).where(AuditRow.action == "step:begun")).one()
        assert [row.step for row in rows] == ["identity-check", "rights-notice"]
        assert rows[0].ended_at is not None
        assert rows[1].ended_at is None
        assert rows[1].mark_hash == audited.body["mark"] == table.media.head


def test_when_the_node_is_away_nothing_is_kept(table):
    table.begin()
    table.do_step("identity-check")
    table.media.refuse["mark"] = Unavailable("mediation.media-away")
    with pytest.raises(Unavailable):
        table.act("m", "advance")
    assert table.state()["step"] == "identity-check"
    del table.media.refuse["mark"]
    table.act("m", "advance")
    assert table.state()["step"] == "rights-notice"
