from click.testing import CliRunner

from odr import db
from odr.cli_store import store_group
from odr.settings import Settings


def test_a_folder_is_told_not_to_be_write_once(tmp_path, monkeypatch):
    monkeypatch.setenv("ODR_DATA", str(tmp_path / "data"))
    told = CliRunner().invoke(store_group, ["probe"], catch_exceptions=False)
    assert told.exit_code == 1
    assert "✓ write-again: FileExistsError" in told.output
    assert "✗ delete-as-owner: accepted" in told.output
    assert "NOT write-once" in told.output
    assert (tmp_path / "data" / "store-probe.json").is_file()


def test_papers_whose_stamp_ends_soon_are_listed_and_nothing_is_changed(tmp_path, monkeypatch):
    monkeypatch.setenv("ODR_DATA", str(tmp_path / "data"))
    with db.opened(Settings.from_env()):
        db.db.create_all()
    told = CliRunner().invoke(store_group, ["ltaupdate", "--dry-run"], catch_exceptions=False)
    assert (told.exit_code, told.output) == (0, "")
