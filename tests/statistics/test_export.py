import csv
import io
from datetime import UTC, date, datetime

import pytest

from odr.statistics.counts import Question, Report, Tally
from odr.statistics.export import csv_bytes, rows, safe


@pytest.mark.parametrize(
    "text", ["=1+1", "+86", "-2", "@SUM(A1)", "\tx", "\rx", " =1", "\uff1d1", "\uff20x"]
)
def test_a_text_that_a_spreadsheet_would_calculate_is_made_harmless(text: str):
    assert safe(text) == "'" + text


@pytest.mark.parametrize("cell", ["民间借贷", "1,268/1,402 = 90.44 %", 17, "–"])
def test_other_cells_stay_as_they_are(cell: str | int):
    assert safe(cell) == cell


def test_the_file_opens_in_excel_and_reads_back():
    data = csv_bytes([["案由", 3], ["=HYPERLINK(1)", 'a "b", c']])
    assert data.startswith(b"\xef\xbb\xbf")
    read = list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))
    assert read == [["案由", "3"], ["'=HYPERLINK(1)", 'a "b", c']]


def pilot() -> Report:
    total = Tally("all", applied=1402, accepted=1402, closed=1400, mediated=1268, settled=900)
    question = Question(date(2025, 1, 1), date(2025, 12, 31))
    return Report(
        question=question,
        cut_off=datetime(2026, 1, 2, 4, 5, 6, tzinfo=UTC),
        total=total,
        months=[Tally("2025-01")],
        causes=[Tally("private_lending", applied=7)],
        mediators=[Tally("", applied=2), Tally("x", "=周敏", applied=1)],
        outcomes=[("agreement", 900)],
    )


@pytest.mark.parametrize(("language", "word"), [("zh", "调解率"), ("en", "Mediation rate")])
def test_the_sheet_says_what_its_numbers_mean(language: str, word: str):
    table = rows(pilot(), language, cause_name=str.upper, outcome_name=str.upper)
    flat = [str(cell) for row in table for cell in row]
    assert word in flat
    assert "1,268/1,402 = 90.44 %" in flat
    assert "2026-01-02 12:05:06" in flat
    assert "PRIVATE_LENDING" in flat
    assert "AGREEMENT" in flat
    assert not any(cell.startswith("statistics.") for cell in flat)


def test_every_table_of_the_sheet_is_as_wide_as_its_head():
    table = rows(pilot(), "zh", cause_name=str, outcome_name=str)
    start = next(index for index, row in enumerate(table) if row and row[0] == "合计")
    heads = [row for row in table[start:] if row and len(row) > 2]
    assert len({len(row) for row in heads}) == 1
