"""A case begins: filed, accepted or returned; it does not know what happens in the room."""

from dataclasses import dataclass
from uuid import uuid4

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from odr import audit, clock
from odr.cases import causes, numbers
from odr.cases.models import Case, Party
from odr.cases.status import CaseStatus, go
from odr.errors import Refused
from odr.identity.codes import PHONE
from odr.identity.context import Ctx
from odr.identity.models import Person
from odr.identity.service import phone_of

LOCK = 7003  # one case number at a time on PostgreSQL
MOST_FEN = 10**14
SIDES = ("applicant", "respondent")


@dataclass(frozen=True)
class Filing:
    """What an applicant fills in; money in fen."""

    cause: str
    claim: str
    story: str
    amount_fen: int
    respondent_name: str
    respondent_phone: str
    applicant_address: str = ""


def file(session: Session, ctx: Ctx, applicant: Person, filing: Filing) -> Case:
    """A new case with its two parties; only a registered person may file."""
    if applicant.level == "I0" or not applicant.name:
        raise Refused("cases.register-first")
    _check(ctx, applicant, filing)
    case_id = uuid4()
    key = ctx.vault.new_case_key(case_id)
    case = Case(
        id=case_id,
        data_key=key,
        case_no=_next_number(session, ctx),
        short_code=numbers.short_code(),
        cause=filing.cause,
        claim=filing.claim.strip(),
        story=filing.story.strip(),
        amount_fen=filing.amount_fen,
        status=CaseStatus.FILED.value,
        filed_at=ctx.now,
    )
    respondent = filing.respondent_name.strip(), filing.respondent_phone
    case.parties = [
        _party(ctx, case, "applicant", (applicant.name, phone_of(ctx, applicant))),
        _party(ctx, case, "respondent", respondent),
    ]
    case.parties[0].person_id = applicant.id
    case.parties[0].address = filing.applicant_address.strip()
    session.add(case)
    session.flush()
    body = {"cause": case.cause, "amount_fen": case.amount_fen}
    actor = audit.Actor.person(applicant.id)
    audit.record(session, audit.Fact("case:filed", actor, ctx.now, case.id, body))
    return case


def accept(session: Session, ctx: Ctx, case: Case, by: Person) -> None:
    """The clerk takes the application."""
    case.status = go(case.status, CaseStatus.ACCEPTED)
    case.accepted_at, case.clerk_id = ctx.now, by.id
    note(session, ctx, case, ("case:accepted", by))


def return_(session: Session, ctx: Ctx, case: Case, by: Person, reason: str) -> None:
    """Given back with a reason (在线调解规则 art. 9)."""
    if not reason.strip():
        raise Refused("cases.reason-missing")
    case.status = go(case.status, CaseStatus.RETURNED)
    case.outcome_reason, case.closed_at = reason.strip(), ctx.now
    note(session, ctx, case, ("case:returned", by))


def note(session: Session, ctx: Ctx, case: Case, what: tuple[str, Person], **body: object) -> None:
    """Count the change and write it into the audit, in the same transaction."""
    action, by = what
    case.version += 1
    session.flush()
    actor = audit.Actor.person(by.id)
    audit.record(session, audit.Fact(action, actor, ctx.now, case.id, body))


def _check(ctx: Ctx, applicant: Person, filing: Filing) -> None:
    causes.find(filing.cause)
    if not filing.claim.strip():
        raise Refused("cases.claim-missing")
    if not filing.respondent_name.strip():
        raise Refused("cases.respondent-missing")
    if not 0 <= filing.amount_fen <= MOST_FEN:
        raise Refused("cases.amount")
    if ctx.vault.index(filing.respondent_phone) == applicant.phone_index:
        raise Refused("cases.own-phone")


def _party(ctx: Ctx, case: Case, side: str, who: tuple[str, str]) -> Party:
    name, phone = who
    own = ctx.vault.of_case(case.data_key or b"", case.id)
    return Party(
        id=uuid4(),
        number=SIDES.index(side) + 1,
        side=side,
        name=name,
        phone_cipher=own.seal(phone, context=PHONE),
        phone_index=ctx.vault.index(phone),
    )


def _next_number(session: Session, ctx: Ctx) -> str:
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
    year = clock.local(ctx.now).year
    mine = Case.case_no.startswith(numbers.prefix(year), autoescape=True)
    last = session.scalar(select(func.max(Case.case_no)).where(mine))
    return numbers.case_number(year, (numbers.serial_of(last) if last else 0) + 1)
