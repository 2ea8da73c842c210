from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from odr.archive.s3 import S3Store
from odr.archive.s3_probe import ATTACKS
from odr.cli_store import store_group
from tests.archive.s3_server import BUCKET, KEYS, UNLOCKED, Server

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


@pytest.mark.s3
def test_the_command_line_says_so(
    s3_server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    access, secret = KEYS
    words = {"STORE": "s3", "DATA": str(tmp_path), "S3_ENDPOINT": s3_server.endpoint}
    words |= {"S3_BUCKET": BUCKET, "S3_ACCESS_KEY": str(access), "S3_SECRET_KEY": str(secret)}
    for name, value in words.items():
        monkeypatch.setenv(f"ODR_{name}", value)
    told = CliRunner().invoke(store_group, ["probe"], catch_exceptions=False)
    assert told.exit_code == 0
    assert "✓ delete-version: AccessDenied" in told.output
    assert str(secret) not in told.output
