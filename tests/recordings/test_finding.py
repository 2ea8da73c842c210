import dataclasses

import pytest

from odr.recordings.finding import Finding


def test_a_verdict_cannot_be_changed_afterwards() -> None:
    verdict = Finding(ok=False, item="a1.1.webm", text="does not fit")
    with pytest.raises(dataclasses.FrozenInstanceError):
        verdict.ok = True
    assert verdict == Finding(ok=False, item="a1.1.webm", text="does not fit")
