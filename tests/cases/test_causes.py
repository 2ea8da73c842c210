import pytest

from odr.cases import causes
from odr.errors import Refused
from odr.identity import specialties


def test_every_cause_has_a_specialty_that_exists():
    known = {one.key for one in specialties.ALL}
    assert {cause.specialty for cause in causes.all_causes()} <= known
    assert causes.keys()[0] == "private_lending"


def test_names_in_both_languages_and_unknown_keys_as_they_are():
    assert causes.name("private_lending") == "民间借贷纠纷"
    assert causes.name("private_lending", "en") == "private lending"
    assert causes.name("witchcraft") == "witchcraft"


def test_an_unknown_cause_is_refused():
    for key in ("witchcraft", "", "source"):
        with pytest.raises(Refused):
            causes.find(key)
