import logging
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from odr.archive import write_once
from odr.archive.depot import Depot
from odr.archive.folder import FolderStore
from odr.archive.store import Attack, Probe
from odr.settings import Settings
from odr.settlement.authority import Authority

NOW = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)


@pytest.fixture
def depot(tmp_path: Path, authority: Authority) -> Depot:
    settings = Settings(tmp_path, "sqlite://", store_path=tmp_path / "court")
    return Depot(settings, authority, FolderStore(settings.store_path), lambda: NOW)


def test_a_folder_does_not_call_itself_write_once(
    depot: Depot, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        result = write_once.standing(depot)
    assert [attack.refused for attack in result.attacks] == [True, False, False]
    assert not result.write_once
    assert "delete-as-owner" in caplog.text
    assert depot.store.names() == []


def test_a_result_is_kept_for_a_day_and_for_one_store(depot: Depot) -> None:
    first = write_once.standing(depot)
    later = replace(depot, clock=lambda: NOW + timedelta(hours=23))
    assert write_once.standing(later) == first
    tomorrow = replace(depot, clock=lambda: NOW + timedelta(days=1))
    assert write_once.standing(tomorrow).at == NOW + timedelta(days=1)
    assert write_once.kept_probe(replace(depot.settings, s3_bucket="another")) is None


@pytest.mark.parametrize(("refused", "promise"), [((True, True), True), ((True, False), False)])
def test_one_attack_that_succeeds_is_enough(refused: tuple[bool, ...], *, promise: bool) -> None:
    attacks = tuple(Attack(str(n), refused=one, answer="") for n, one in enumerate(refused))
    assert Probe("x", NOW, attacks).write_once is promise
    assert not Probe("x", NOW, ()).write_once
