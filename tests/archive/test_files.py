import hashlib
import stat
from io import BytesIO
from pathlib import Path

import pytest

from odr.archive import files
from odr.errors import Tampered

DATA = b"film" * 400_000


def test_a_file_is_written_whole_read_only_and_with_its_hash(tmp_path: Path) -> None:
    target = tmp_path / "deep" / "a.mp4"
    expected = (len(DATA), hashlib.sha256(DATA).hexdigest())
    assert files.write_once(target, BytesIO(DATA)) == expected
    assert target.read_bytes() == DATA
    assert stat.S_IMODE(target.stat().st_mode) == files.READ_ONLY
    with target.open("rb") as file:
        assert files.digest_of(file) == expected


def test_a_second_writing_changes_nothing(tmp_path: Path) -> None:
    target = tmp_path / "a"
    files.write_once(target, BytesIO(b"first"))
    with pytest.raises(FileExistsError):
        files.write_once(target, BytesIO(b"second"))
    assert target.read_bytes() == b"first"


def test_a_link_among_the_files_is_an_alarm(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"a")
    assert [name for name, _ in files.files_under(tmp_path)] == ["a"]
    (tmp_path / "b").symlink_to("/etc/hostname")
    with pytest.raises(Tampered):
        list(files.files_under(tmp_path))
