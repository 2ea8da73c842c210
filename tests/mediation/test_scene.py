import pytest

from odr.db import reading
from odr.errors import NotFound, Refused
from odr.mediation.scene import Ref, scene_of
from odr.mediation.service import Ref as SameRef


def test_a_scene_is_only_for_who_sits_there(table):
    table.arrive("a1")
    with reading() as session:
        scene = scene_of(session, table.bench, table.ref("a1"))
        assert scene.chair("r1").label == "王经理"
        with pytest.raises(Refused):
            scene.chair("z9")
        with pytest.raises(Refused):
            scene.party_chair("m")
        with pytest.raises(NotFound):
            scene_of(session, table.bench, Ref(table.sitting_id, "a1", table.people["r1"]))
        with pytest.raises(NotFound):
            scene_of(session, table.bench, Ref(table.case_id, "a1", table.people["a1"]))


def test_the_state_of_the_sitting_is_named_in_the_refusal(table):
    table.arrive("a1")
    with reading() as session:
        scene = scene_of(session, table.bench, table.ref("a1"))
        scene.require("waiting")
        with pytest.raises(Refused, match="not begun"):
            scene.require("open")
    assert SameRef is Ref
