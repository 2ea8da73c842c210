"""What the desk's pages say of what was done."""

import re
from pathlib import Path

import odr
from odr import sentences

OTHERS = ("job:", "premis:", "wsgi:")  # actors and names of other formats


def test_every_act_that_is_recorded_has_words_for_the_timeline():
    """Every ``noun:verb`` in our code is an act of the audit."""
    found = {
        act
        for path in Path(odr.__file__).parent.rglob("*.py")
        for act in re.findall(r'"([a-z]+:[a-z-]+)"', path.read_text("utf-8"))
        if not act.startswith(OTHERS)
    }
    assert "clause:answered" in found
    known = sentences.catalogue()
    assert [act for act in sorted(found) if f"desk.did-{act.replace(':', '-')}" not in known] == []
