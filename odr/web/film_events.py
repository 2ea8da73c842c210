"""What happened when in a film: chapters, gaps, events, the checklist; it does not know who watches."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from odr.cases.models import Case, Consent
from odr.mediation.models import IdentityCheck, Note, Seat, StepRecord, Tap
from odr.mediation.models import Session as Sitting
from odr.mediation.script import Step, load
from odr.recordings import manifest
from odr.sentences import sentence
from odr.settlement.models import Agreement
from odr.web.house import L, language

BAR = 1000  # the width of the bar in SVG units
PARTIES = ("applicant", "respondent")
T = TypeVar("T", Note, IdentityCheck, Tap, StepRecord)


def clock_text(ms: int) -> str:
    """A moment of the film as people read it: 83_000 -> "01:23"."""
    seconds = max(0, ms) // 1000
    hours, rest = divmod(seconds, 3600)
    text = f"{rest // 60:02d}:{rest % 60:02d}"
    return f"{hours}:{text}" if hours else text


@dataclass(frozen=True)
class Chapter:
    """One step as it was walked, ``t_ms`` to ``end_ms``; ``x`` and ``w`` on the bar."""

    title: str
    t_ms: int
    end_ms: int
    x: float
    w: float

    @property
    def clock(self) -> str:
        """Where it begins, as people read it."""
        return clock_text(self.t_ms)


@dataclass(frozen=True)
class Gap:
    """A stretch without recording, with the reason that the recorder declared."""

    title: str
    t_ms: int
    x: float
    w: float


@dataclass(frozen=True)
class Event:
    """One line of the list beside the film."""

    t_ms: int
    kind: str
    by: str
    text: str

    @property
    def clock(self) -> str:
        """When, as people read it."""
        return clock_text(self.t_ms)


@dataclass(frozen=True)
class Item:
    """One line of the checklist; ``t_ms`` is the moment that shows it, None when nothing does."""

    text: str
    sign: str
    look: str
    evidence: str
    t_ms: int | None


def chapters_of(session: Session, sitting: Sitting, duration_ms: int) -> list[Chapter]:
    """The steps of a sitting as stretches of its film; a step walked twice is two chapters."""
    records = _records(session, sitting)
    titles = step_titles(sitting)
    ends = [*(record.begun_ms for record in records[1:]), duration_ms]
    return [
        Chapter(
            titles.get(record.step, record.step),
            record.begun_ms,
            max(end, record.begun_ms),
            *_place(record.begun_ms, end, duration_ms),
        )
        for record, end in zip(records, ends, strict=True)
    ]


def step_titles(sitting: Sitting) -> dict[str, str]:
    """The titles of the steps in the version of the script that this sitting walked."""
    pages = load(sitting.script)
    return {step.value: page.title[language()] for step, page in pages.items()}


def gaps_of(folder: Path, duration_ms: int) -> list[Gap]:
    """What the recorder itself declares as not recorded; nothing when there is no recording."""
    if not (folder / "manifest.jsonl").is_file():
        return []
    found = []
    for gap in manifest.summary(folder).gaps:
        title = L(
            f"未录制 {clock_text(gap.from_ms)}–{clock_text(gap.to_ms)}：{gap_reason(gap.why)}",
            f"not recorded {clock_text(gap.from_ms)}–{clock_text(gap.to_ms)}: {gap_reason(gap.why)}",
        )
        x, width = _place(gap.from_ms, gap.to_ms, duration_ms)
        found.append(Gap(title, gap.from_ms, x, max(width, 3.0)))
    return found


def gap_reason(why: str) -> str:
    """The recorder's word for a gap, in words for people."""
    key = f"desk.gap-{why}"
    words = sentence(key, language())
    return why if words == key else words


def events_of(session: Session, case: Case, sitting: Sitting) -> list[Event]:
    """Notes, objections, identity checks and taps, each at its moment."""
    labels = {seat.key: seat.label for seat in sitting.seats}
    return [
        *(_note(note) for note in _rows(session, Note, sitting)),
        *(
            Event(
                one.t_ms,
                "identity",
                labels.get(one.seat_key, one.seat_key),
                L("核对身份：", "identity: ") + verdict_word(one.verdict),
            )
            for one in _rows(session, IdentityCheck, sitting)
        ),
        *_tap_events(_rows(session, Tap, sitting), labels, sitting),
        *_paper_events(session, case, sitting),
    ]


def verdict_word(verdict: str) -> str:
    """What the mediator saw."""
    words = {
        "same": L("本人一致", "same person"),
        "doubt": L("存疑", "in doubt"),
        "different": L("不一致", "different"),
    }
    return words.get(verdict, verdict)


def checklist_of(session: Session, case: Case, sitting: Sitting) -> list[Item]:
    """What a lawful session must show, filled in from what was kept; each item leads to its moment."""
    parties = [seat for seat in sitting.seats if seat.role in PARTIES]
    records = {record.step: record for record in _records(session, sitting)}
    return [
        _consents(session, case),
        _identities(session, sitting, parties),
        _taps(
            session,
            sitting,
            parties,
            L("已告知权利义务并逐条确认", "Rights and duties told and touched"),
        ),
        _walked(records, Step.FACT_CONFIRMATION, L("事实已逐条确认", "Facts put line by line")),
        _walked(records, Step.AGREEMENT, L("协议已逐条核对", "Agreement gone through")),
        _signed(session, case, records),
    ]


def _item(text: str, evidence: str, t_ms: int | None, *, good: bool) -> Item:
    return Item(text, "✓" if good else "✗", "good" if good else "bad", evidence, t_ms)


def _consents(session: Session, case: Case) -> Item:
    given = session.scalars(
        select(Consent).where(Consent.case_id == case.id, Consent.withdrawn_at.is_(None))
    ).all()
    needed = 2 * len(case.parties)
    text = L("双方同意在线调解和录音录像", "Both consented to online mediation and recording")
    evidence = L(f"{len(given)}/{needed} 份同意书", f"{len(given)} of {needed} consents")
    return _item(text, evidence, 0 if given else None, good=len(given) >= needed)


def _identities(session: Session, sitting: Sitting, parties: Sequence[Seat]) -> Item:
    checks = {one.seat_key: one for one in _rows(session, IdentityCheck, sitting)}
    same = [checks[seat.key] for seat in parties if _is_same(checks.get(seat.key))]
    first = min((one.t_ms for one in checks.values()), default=None)
    who = "、".join(
        f"{seat.label} {verdict_word(checks[seat.key].verdict)}"
        for seat in parties
        if seat.key in checks
    )
    text = L("双方身份已核对", "Identity of both sides checked")
    return _item(text, who, first, good=bool(parties) and len(same) == len(parties))


def _is_same(check: IdentityCheck | None) -> bool:
    return check is not None and check.verdict == "same"


def _taps(session: Session, sitting: Sitting, parties: Sequence[Seat], text: str) -> Item:
    needed = {item.key for item in load(sitting.script)[Step.RIGHTS_NOTICE].items}
    taps = [tap for tap in _rows(session, Tap, sitting) if tap.step == Step.RIGHTS_NOTICE]
    made = {(tap.seat_key, tap.item) for tap in taps}
    missing = [seat.label for seat in parties if any((seat.key, key) not in made for key in needed)]
    first = min((tap.t_ms for tap in taps), default=None)
    evidence = (
        L(f"未全部确认：{'、'.join(missing)}", f"not all touched: {', '.join(missing)}")
        if missing
        else L(f"{len(taps)} 次确认", f"{len(taps)} touches")
    )
    return _item(text, evidence, first, good=bool(parties) and not missing)


def _walked(records: dict[str, StepRecord], step: Step, text: str) -> Item:
    record = records.get(step)
    if record is None:
        return _item(text, L("没有走到这一步", "this step was not reached"), None, good=False)
    evidence = L("证据：", "shown at ") + clock_text(record.begun_ms)
    return _item(text, evidence, record.begun_ms, good=True)


def _signed(session: Session, case: Case, records: dict[str, StepRecord]) -> Item:
    text = L("本人签名画面可见", "Each signed in person on camera")
    agreement = session.scalar(
        select(Agreement).where(Agreement.case_id == case.id).order_by(Agreement.prepared_at.desc())
    )
    record = records.get(Step.SIGNING)
    if agreement is None or record is None:
        return _item(text, L("没有签署协议", "no agreement was signed"), None, good=False)
    people = [one for one in agreement.signatures if one.field != "seal"]
    done = [one for one in people if one.status == "signed"]
    evidence = L(f"{len(done)}/{len(people)} 人已签", f"{len(done)} of {len(people)} signed")
    return _item(text, evidence, record.begun_ms, good=len(done) == len(people))


def _note(note: Note) -> Event:
    text = L("示意听不清", "cannot hear") if note.kind == "cannot-hear" else note.text
    return Event(note.t_ms, note.kind, note.by_label, text)


def _tap_events(taps: Iterable[Tap], labels: dict[str, str], sitting: Sitting) -> list[Event]:
    """Taps of one person in one step in one line: their last moment tells that she was done."""
    done: dict[tuple[str, str], list[Tap]] = {}
    for tap in taps:
        done.setdefault((tap.seat_key, tap.step), []).append(tap)
    titles = step_titles(sitting)
    return [
        Event(
            max(tap.t_ms for tap in made),
            "tap",
            labels.get(seat, seat),
            L(
                f"{titles.get(step, step)}：已逐条确认 {len(made)} 条",
                f"{titles.get(step, step)}: touched {len(made)} items",
            ),
        )
        for (seat, step), made in done.items()
    ]


def _paper_events(session: Session, case: Case, sitting: Sitting) -> list[Event]:
    if sitting.opened_at is None:
        return []
    agreements = session.scalars(select(Agreement).where(Agreement.case_id == case.id))
    records = {record.step: record.begun_ms for record in _records(session, sitting)}
    at = records.get(Step.SIGNING, 0)
    return [
        Event(at, "paper", signature.name, L("签署调解协议书", "signed the agreement"))
        for agreement in agreements
        for signature in agreement.signatures
        if signature.status == "signed" and signature.field != "seal"
    ]


def _records(session: Session, sitting: Sitting) -> list[StepRecord]:
    return sorted(_rows(session, StepRecord, sitting), key=lambda one: (one.begun_ms, one.begun_at))


def _rows(session: Session, kind: type[T], sitting: Sitting) -> list[T]:
    return list(session.scalars(select(kind).where(kind.session_id == sitting.id)))


def _place(from_ms: int, to_ms: int, duration_ms: int) -> tuple[float, float]:
    if duration_ms <= 0:
        return 0.0, 0.0
    x = BAR * min(from_ms, duration_ms) / duration_ms
    return round(x, 2), round(max(0.0, BAR * min(to_ms, duration_ms) / duration_ms - x), 2)
