from odr.mediation import room
from odr.mediation.acts import VERBS


def test_parties_come_first_then_mediator_and_clerk():
    table = room.chairs(["applicant", "applicant", "respondent"])
    assert [chair.key for chair in table] == ["a1", "a2", "r1", "m", "c"]
    assert [chair.number for chair in table] == [1, 2, 3, 4, 5]


def test_only_the_mediator_leads_and_only_parties_accept():
    assert room.may("mediator", "advance")
    assert not any(room.may(role, "advance") for role in ("applicant", "respondent", "clerk"))
    assert not room.may("mediator", "accept")
    assert room.may("respondent", "accept")


def test_what_is_not_in_the_table_is_refused():
    assert not room.may("mediator", "erase-recording")
    assert not room.may("stranger", "say")


def test_every_act_that_may_be_sent_can_be_done():
    assert set(room.MAY) == set(VERBS)
