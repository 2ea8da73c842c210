import pytest
from sqlalchemy import select

from odr.audit import AuditRow
from odr.cases.models import Case, Consent
from odr.db import reading, transaction
from odr.errors import NotFound, Refused
from odr.identity.models import Person
from odr.identity.rights import Right
from odr.mediation import service
from odr.mediation.models import Session as Sitting
from odr.mediation.models import StepRecord
from tests.mediation.conftest import NOW


def test_a_sitting_has_a_chair_for_each_party_and_two_for_the_desk(table):
    with reading() as session:
        sitting = session.get(Sitting, table.sitting_id)
        chairs = [(seat.key, seat.label) for seat in sitting.seats]
        clerk = session.get(Person, table.people["c"]).name
        assert chairs == [("a1", "陈建国"), ("r1", "王经理"), ("m", "周敏"), ("c", clerk)]


def test_a_clerk_who_is_not_known_yet_is_called_so(table):
    with transaction() as session:
        session.get(Sitting, table.sitting_id).status = "closed"
        case = session.get(Case, table.case_id)
        case.clerk_id = None
        session.flush()
        later = service.create_sitting(session, case, case.hearings[0], NOW)
        assert later.seats[-1].label == "（待定）"


def test_scheduling_again_keeps_the_sitting(table):
    with transaction() as session:
        case = session.get(Case, table.case_id)
        again = service.create_sitting(session, case, case.hearings[0], NOW)
        assert again.id == table.sitting_id


def test_a_stranger_finds_nothing(table):
    with reading() as session:
        stranger = session.get(Person, table.people["x"])
        with pytest.raises(NotFound):
            service.sitting_for(session, stranger, table.sitting_id, Right.JOIN)
    with pytest.raises(NotFound):
        service.arrive(table.bench, service.Ref(table.sitting_id, "a1", table.people["x"]))


def test_nobody_acts_from_anothers_chair(table):
    table.begin()
    ref = service.Ref(table.sitting_id, "m", table.people["a1"])
    with pytest.raises(NotFound):
        service.attach(table.bench, ref, "v=0")
    with pytest.raises(Refused, match="not for you"):
        table.act("a1", "advance")


def test_a_party_waits_until_she_is_let_in(table):
    table.arrive("m", "a1")
    assert not table.state("a1")["me"]["admitted"]
    with pytest.raises(Refused, match="waiting room"):
        service.attach(table.bench, table.ref("a1"), "v=0")
    table.act("m", "admit", seat="a1")
    assert table.state("a1")["me"]["admitted"]
    assert service.attach(table.bench, table.ref("a1"), "v=0")["seat_epoch"] == 1


def test_who_is_not_there_cannot_be_let_in(table):
    table.arrive("m")
    with pytest.raises(Refused, match="王经理"):
        table.act("m", "admit", seat="r1")


def test_the_session_opens_only_when_all_are_in_and_have_consented(table):
    table.arrive("m", "a1", "r1")
    table.act("m", "admit", seat="a1")
    with pytest.raises(Refused, match="王经理"):
        table.act("m", "open")
    table.act("m", "admit", seat="r1")
    with transaction() as session:
        session.scalars(select(Consent)).first().withdrawn_at = NOW
    with pytest.raises(Refused, match="陈建国 has not yet consented"):
        table.act("m", "open")
    assert table.media.ops() == []


def test_opening_marks_the_first_step_and_binds_it_to_the_film(table):
    table.begin()
    assert table.media.ops() == ["open", "pause", "attach", "attach", "attach", "resume", "mark"]
    with reading() as session:
        record = session.scalars(select(StepRecord)).one()
        opened = session.scalars(select(AuditRow).where(AuditRow.action == "session:opened")).one()
        assert (record.step, record.mark_hash) == ("identity-check", table.media.head)
        assert opened.body["head"] == table.media.head
        assert session.get(Sitting, table.sitting_id).epoch == 1
    assert table.state()["status"] == "open"


def test_each_connection_of_a_seat_gets_a_higher_number(table):
    table.begin()
    first = service.attach(table.bench, table.ref("a1"), "v=0")["seat_epoch"]
    assert service.attach(table.bench, table.ref("a1"), "v=0")["seat_epoch"] == first + 1


def test_who_is_sent_out_waits_again(table):
    table.begin()
    table.act("m", "dismiss", seat="r1")
    assert table.media.ops()[-1] == "detach"
    state = table.state("r1")
    assert not state["me"]["admitted"]
    assert any("王经理" in sentence for sentence in table.state()["missing"])


def test_every_change_has_a_new_number(table):
    table.begin()
    first = table.state()["version"]
    table.act("a1", "say", text="听得到")
    assert table.state()["version"] == first + 1
