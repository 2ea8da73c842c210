import pytest
from click.testing import CliRunner

from odr import cli_run
from odr.cli import cli


def test_the_command_line_says_over_the_environment(monkeypatch, tmp_path):
    monkeypatch.setenv("ODR_PORT", "1")
    monkeypatch.setenv("ODR_HOST", "127.0.0.9")
    env = cli_run.environment(tmp_path, 2)
    assert (env["ODR_DATA"], env["ODR_PORT"]) == (str(tmp_path), "2")
    assert env["ODR_HOST"] == "127.0.0.9"


def test_a_folder_that_was_asked_for_is_kept_and_another_is_thrown_away(tmp_path):
    with cli_run.folder(tmp_path / "kept") as kept:
        (kept / "film").write_text("x")
    with cli_run.folder(None) as thrown:
        assert thrown.is_dir()
    assert (tmp_path / "kept" / "film").exists()
    assert not thrown.exists()


def test_what_is_written_for_a_process_is_appended(tmp_path):
    write = cli_run.writer(tmp_path / "log")
    write("one")
    write("two")
    assert (tmp_path / "log").read_text() == "one\ntwo\n"


@pytest.mark.parametrize("name", ["demo", "serve", "web", "media", "jobs"])
def test_each_command_explains_itself(name):
    answer = CliRunner().invoke(cli, [name, "--help"])
    assert answer.exit_code == 0
    assert "Usage" in answer.output


def test_a_port_that_is_no_port_is_refused():
    answer = CliRunner().invoke(cli, ["demo", "--port", "70000"])
    assert answer.exit_code == 2
    assert "70000" in answer.output
