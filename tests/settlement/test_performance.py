from datetime import date

from odr.settlement.models import DueInstalment
from odr.settlement.performance import State, ledger_of


def line(number, due, paid):
    return DueInstalment(number=number, due=due, amount_fen=100, paid_fen=paid)


def states(today, *lines):
    return [entry.state for entry in ledger_of(lines, today).entries]


def test_the_due_day_itself_is_in_time():
    due = line(1, date(2027, 1, 31), 0)
    assert states(date(2027, 1, 31), due) == [State.SOON]
    assert states(date(2027, 2, 1), due) == [State.LATE]
    assert states(date(2027, 1, 1), due) == [State.OPEN]


def test_part_payment_and_full_payment():
    half, full = line(1, date(2027, 1, 31), 50), line(2, date(2027, 2, 28), 100)
    assert states(date(2027, 3, 10), half, full) == [State.PARTLY_LATE, State.PAID]
    found = ledger_of([full, half], date(2027, 3, 10))
    assert (found.total_fen, found.paid_fen, found.overdue_fen) == (200, 150, 50)
    assert found.entries[0].days_late == 38
    assert found.next is found.entries[0]


def test_an_empty_ledger():
    found = ledger_of([], date(2027, 1, 1))
    assert (found.total_fen, found.next) == (0, None)


def test_days_of_grace_are_in_time_and_after_them_it_is_late_since_the_due_day():
    due = line(1, date(2027, 1, 31), 0)
    within = ledger_of([due], date(2027, 2, 5), grace_days=5)
    after = ledger_of([due], date(2027, 2, 6), grace_days=5)
    assert (within.entries[0].state, within.overdue_fen) == (State.SOON, 0)
    assert (after.entries[0].state, after.entries[0].days_late) == (State.LATE, 6)
