import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from odr.archive import papercheck
from odr.cli import cli
from odr.errors import Refused
from odr.settlement.authority import Authority


@pytest.fixture
def paper(tmp_path: Path, agreement: bytes, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    path = tmp_path / "agreement.pdf"
    path.write_bytes(agreement)
    return path


def test_a_paper_is_checked_under_a_pinned_root(
    paper: Path, authority: Authority, tmp_path: Path
) -> None:
    root = tmp_path / "root.pem"
    root.write_bytes(authority.root_pem())
    for trust in (str(root), authority.fingerprint):
        lines, code = papercheck.paper_command(paper, trust)
        assert (code, [line for line in lines if line.startswith("BAD")]) == (0, [])
    lines, code = papercheck.paper_command(paper, "00" * 32)
    assert code == 1
    assert lines[-1].startswith("BAD  agreement.pdf")
    with pytest.raises(Refused):
        papercheck.paper_command(paper, "no such root")


def test_roots_for_time_do_not_make_signers(
    paper: Path, authority: Authority, tmp_path: Path
) -> None:
    own, other = tmp_path / "own.pem", tmp_path / "other.pem"
    own.write_bytes(authority.root_pem())
    other.write_bytes(Authority.load(tmp_path / "other", "另一家").root_pem())
    assert papercheck.paper_command(paper, str(own), other)[1] == 0
    assert papercheck.paper_command(paper, str(other), own)[1] == 1


def test_the_command_says_it_in_lines(paper: Path) -> None:
    told = CliRunner().invoke(cli, ["verify", str(paper)], catch_exceptions=False)
    assert told.exit_code == 0
    assert all(line.startswith("ok ") for line in told.output.splitlines())
    paper.write_bytes(paper.read_bytes() + b"x")
    assert CliRunner().invoke(cli, ["verify", str(paper)]).exit_code == 1


def test_typefaces_are_kept_in_the_persons_own_folder(paper: Path, tmp_path: Path) -> None:
    folder = papercheck.unpacked_fonts()
    assert folder == tmp_path / "home" / ".cache" / "odr-fonts"
    assert folder.stat().st_mode & 0o077 == 0


def test_without_a_home_nothing_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_bytes(b"")
    monkeypatch.setenv("HOME", str(tmp_path / "file"))
    assert papercheck.unpacked_fonts() is None


def test_the_check_of_a_paper_loads_no_database() -> None:
    import subprocess

    code = "import sys, odr.archive.papercheck; print('sqlalchemy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
