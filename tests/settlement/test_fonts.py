import hashlib
import re

import pytest

from odr.errors import Refused
from odr.settlement.fonts import FILES, FOLDER, HEI_BOLD, SONG, font_file


def test_the_unpacked_faces_are_the_ones_the_log_names(cache, fonts):
    log = (FOLDER / "FONTLOG.md").read_text("utf-8")
    for style, name in FILES.items():
        digest = hashlib.sha256(font_file(style, cache).read_bytes()).hexdigest()
        assert re.search(rf"{name}\.ttf\.xz .*{digest}", log)
    assert not list(cache.glob("*.part"))


def test_the_licence_travels_with_the_faces():
    assert "SIL" in (FOLDER / "OFL-NotoSerifSC.txt").read_text("utf-8")
    assert "SIL" in (FOLDER / "OFL-NotoSansSC.txt").read_text("utf-8")


def test_the_face_changes_only_where_it_must(fonts):
    runs = list(fonts.runs(HEI_BOLD, "调解䶮书"))
    assert [run.text for run in runs] == ["调解", "䶮", "书"]
    assert runs[1].face == f"odr-{SONG}"


def test_text_is_tried_before_it_is_printed(fonts):
    fonts.require("王䶮\n第1期\t¥")
    with pytest.raises(Refused):
        fonts.require("😀")
