import itertools

import pytest

from odr.errors import Refused
from odr.settlement.fonts import HEI, HEI_BOLD, SONG, SONG_BOLD
from odr.settlement.linebreak import NO_END, NO_START, break_lines, clusters

TEXT = (
    "被申请人李建国（公民身份号码320102197911031217）因经营“建国五金商行”资金周转需要，于2024年3月18日"
    "向申请人借款人民币400,000.00元；双方签订《借款协议》，并约定：借款期限12个月，年利率6%，逾期按12%"
    "支付违约金……申请人于当日通过招商银行（尾号8861）转账交付——此后仅归还60,000.00元。（详见《对账单》）。"
)


def lines_of(fonts, width, text=TEXT):
    return break_lines(clusters(fonts, [(SONG, text)], 12), 12, width, 24)


def test_no_line_begins_or_ends_with_a_forbidden_mark(fonts):
    for width in range(120, 500, 3):
        lines = lines_of(fonts, width)
        assert "".join(line.text for line in lines) == TEXT
        for before, after in itertools.pairwise(lines):
            assert before.text[-1] not in NO_END
            assert after.text[0] not in NO_START


def test_lines_fit_and_numbers_keep_their_units(fonts):
    for width in range(150, 500, 3):
        lines = lines_of(fonts, width)
        assert all(line.width + line.indent <= width + 0.02 for line in lines)
        for before, after in itertools.pairwise(lines):
            assert not (before.text[-1].isdigit() and after.text[0] in "年月日元个")


def test_marks_that_meet_are_squeezed(fonts):
    loose = lines_of(fonts, 1000, "甲》，乙")[0].width - 24
    assert loose <= 12 * 3.5 + 0.01


@pytest.mark.parametrize("style", [SONG, SONG_BOLD, HEI, HEI_BOLD])
def test_rare_names_find_a_face(fonts, style):
    assert (
        "".join(run.text for run in fonts.runs(style, "王䶮㛃𬭎𬍛䢺㙦𠅤喆堃〇"))
        == "王䶮㛃𬭎𬍛䢺㙦𠅤喆堃〇"
    )


def test_a_character_no_face_has_is_refused(fonts):
    with pytest.raises(Refused) as refused:
        lines_of(fonts, 300, "王\U0002aa27")
    assert refused.value.key == "settlement.missing-glyph"
    assert "U+2AA27" in refused.value.sentence()
