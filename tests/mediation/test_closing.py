import pytest
from sqlalchemy import select

from odr.cases.models import Case, Hearing
from odr.db import reading
from odr.errors import Refused, Unavailable
from odr.jobs import Job
from odr.mediation.models import Session as Sitting
from odr.settlement.models import Agreement

ENDS = ["withdrawn", "unreachable", "unwilling", "too_far_apart", "time_up", "other"]


def test_an_adjournment_keeps_the_step_and_stops_the_film(table):
    table.walk("rights-notice")
    table.act("m", "adjourn", reason="当事人去取凭证")
    assert table.media.ops()[-2:] == ["mark", "pause"]
    assert table.state()["status"] == "adjourned"
    with pytest.raises(Refused, match="adjourned"):
        table.act("m", "advance")
    table.act("m", "resume")
    assert table.media.ops()[-2:] == ["resume", "mark"]
    assert (table.state()["status"], table.state()["step"]) == ("open", "rights-notice")


@pytest.mark.parametrize("outcome", ENDS)
def test_without_agreement_the_mediator_may_end_at_any_time(table, outcome):
    table.begin()
    table.act("m", "finish", outcome=outcome, reason="差距太大")
    assert table.media.ops()[-2:] == ["mark", "close"]
    with reading() as session:
        case, sitting = session.get(Case, table.case_id), session.get(Sitting, table.sitting_id)
        job = session.scalars(select(Job)).one()
        assert (case.status, case.outcome) == ("CLOSED", outcome)
        assert case.outcome_reason == "差距太大"
        assert (sitting.status, sitting.sealed["duration_ms"]) == ("closed", 60_000)
        assert session.scalars(select(Hearing.status)).one() == "held"
        assert job.kind == "close-out"
        assert job.payload == {"case": str(table.case_id), "sitting": str(table.sitting_id)}
    assert table.state()["outcome"] == outcome


def test_a_case_nobody_came_to_ends_without_a_film(table):
    table.arrive("m")
    table.act("m", "finish", outcome="unreachable", reason="电话无人接听")
    assert table.media.ops() == []
    assert table.state()["status"] == "closed"


def test_an_agreement_must_be_sealed_first(table):
    table.walk("signing")
    with pytest.raises(Refused, match="not signed and sealed"):
        table.act("m", "finish", outcome="agreement", reason="")
    for seat in ("a1", "r1"):
        table.sign(seat)
    with pytest.raises(Refused, match="in force"):
        table.act("m", "finish", outcome="other", reason="")
    table.sign("m")
    table.act("m", "finish", outcome="agreement", reason="")
    assert table.state()["outcome"] == "agreement"


def test_refusing_to_sign_kills_the_paper(table):
    table.walk("signing")
    table.sign("a1")
    table.act("m", "finish", outcome="refused_signature", reason="被申请人拒绝签名")
    with reading() as session:
        assert session.scalars(select(Agreement.status)).one() == "refused"


def test_nothing_happens_after_the_end(table):
    table.begin()
    table.act("m", "finish", outcome="other", reason="")
    for seat, act in (("m", "advance"), ("m", "resume"), ("a1", "cannot-hear")):
        with pytest.raises(Refused, match="ended"):
            table.act(seat, act)


def test_a_film_that_cannot_be_closed_keeps_the_session_open(table):
    table.begin()
    table.media.refuse["close"] = Unavailable("mediation.media-away")
    with pytest.raises(Unavailable):
        table.act("m", "finish", outcome="other", reason="")
    assert table.state()["status"] == "open"
