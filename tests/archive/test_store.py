import pytest

from odr.archive.store import Kept, require_file, require_name, tree_hash
from odr.errors import Refused


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", ".hidden", "名", "a" * 101, "a\n"])
def test_a_name_that_could_leave_the_store_is_refused(name: str) -> None:
    with pytest.raises(Refused):
        require_name(name)


@pytest.mark.parametrize("file", ["", "/etc/passwd", "../a", "a/../b", "a//b", "a/.b", "a/"])
def test_a_file_that_could_leave_its_folder_is_refused(file: str) -> None:
    with pytest.raises(Refused):
        require_file(file)


def test_good_names_pass_as_they_are() -> None:
    assert require_name("odr-2026-ABCD2345") == "odr-2026-ABCD2345"
    assert require_file("data/films/room-1.mp4") == "data/films/room-1.mp4"


def test_the_hash_of_a_tree_sees_every_name_size_and_hash() -> None:
    one = {"a": Kept(1, "00"), "b": Kept(2, "11")}
    assert tree_hash(one) == tree_hash(dict(reversed(one.items())))
    others = [
        {"a": Kept(1, "00")},
        {"a": Kept(1, "00"), "c": Kept(2, "11")},
        {"a": Kept(1, "00"), "b": Kept(3, "11")},
        {"a": Kept(1, "00"), "b": Kept(2, "12")},
    ]
    assert tree_hash(one) not in {tree_hash(other) for other in others}
