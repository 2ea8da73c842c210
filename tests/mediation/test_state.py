import json


def test_the_state_is_plain_json_in_the_viewers_language(table):
    table.walk("agreement")
    for seat in ("a1", "r1", "m", "c"):
        assert json.loads(json.dumps(table.state(seat)))["me"]["seat"] == seat
    assert table.state("a1")["steps"][0]["title"] == "核对身份"
    assert table.state("a1", "en")["steps"][0]["title"] == "Identity check"


def test_it_holds_everything_a_page_shows(table):
    table.walk("negotiation")
    table.do_step("negotiation")
    state = table.state("a1")
    assert set(state) == {
        "version",
        "status",
        "step",
        "step_index",
        "steps",
        "me",
        "seats",
        "read",
        "law",
        "card",
        "facts",
        "proposal",
        "agreement",
        "recording",
        "caucus",
        "missing",
        "notes",
        "outcome",
    }
    assert state["step_index"] == 3
    assert [step["done"] for step in state["steps"]] == [True] * 3 + [False] * 3
    assert state["proposal"]["clauses"][0]["lines"]
    assert state["proposal"]["terms"]["total_fen"] == 34_000_000
    assert state["agreement"] is None
    assert state["outcome"] is None


def test_only_parties_have_something_to_tap(table):
    table.begin()
    assert len(table.state("a1")["card"]["items"]) == 2
    assert table.state("m")["card"]["items"] == []


def test_the_recording_light_shows_bytes_and_not_intentions(table):
    table.begin()
    assert table.state()["recording"]["on"] is False


def test_the_mediator_reads_who_everyone_is(table):
    table.begin()
    assert "周敏" in table.state()["read"]
    assert "瓯海区矛盾纠纷多元化解中心" in table.state()["read"]
