from datetime import UTC, datetime

import pytest

from odr.archive.s3 import S3Store
from odr.archive.s3_probe import ATTACKS
from tests.archive.s3_server import UNLOCKED, Server

NOW = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)


def test_every_attack_has_a_name() -> None:
    assert {"overwrite", "delete-version", "shorten", "delete-with-bypass"} <= set(ATTACKS)


@pytest.mark.s3
def test_a_locked_bucket_withstands_every_attack(s3_store: S3Store) -> None:
    for _ in range(2):  # the second meets the canary of the first
        result = s3_store.probe(NOW)
        assert [attack for attack in result.attacks if not attack.refused] == []
        assert {attack.name for attack in result.attacks} == {*ATTACKS, "hide"}
        assert result.write_once


@pytest.mark.s3
def test_a_bucket_without_locks_is_not_write_once(s3_server: Server) -> None:
    assert not S3Store(s3_server.bucket(UNLOCKED)).probe(NOW).write_once
