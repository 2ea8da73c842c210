from odr.mediation import service


def test_the_hour_runs_from_the_door_to_the_sealed_agreement(table):
    table.walk("signing")
    for seat in ("a1", "r1", "m"):
        table.sign(seat)
    table.act("m", "finish", outcome="agreement", reason="")
    state = table.state("a1")
    assert (state["status"], state["outcome"]) == ("closed", "agreement")
    assert all(step["done"] for step in state["steps"])
    assert all(name in dir(service) for name in service.__all__)
