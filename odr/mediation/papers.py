"""What the papers say, collected from the rows; it does not know how a paper is typeset or signed."""

from typing import Any

from odr import clock
from odr.cases import causes
from odr.cases.models import Case, Party
from odr.identity import idcard
from odr.identity import service as identity
from odr.identity.context import Ctx
from odr.identity.models import Person
from odr.mediation.facts import answer_of, undisputed
from odr.mediation.models import FactLine
from odr.mediation.models import Session as Sitting
from odr.mediation.room import MEDIATOR
from odr.mediation.scene import Scene, party_seats
from odr.mediation.steps import fact_lines
from odr.settlement.document import MEDIATOR as MEDIATOR_FIELD
from odr.settlement.document import AgreementData, PartyData, party_field
from odr.settlement.service import Signer
from odr.settlement.terms import Terms


def agreement_data(scene: Scene, terms: Terms, head: str) -> AgreementData:
    """Everything the agreement says (人民调解法 art. 29, 特邀调解规定 art. 24); ``head`` is the film's."""
    sitting, case, names = scene.sitting, scene.case, scene.bench.names
    lines = fact_lines(scene.session, sitting.id)
    keys = [seat.key for seat in party_seats(sitting)]
    agreed = [line.text for line in undisputed(lines, keys)]
    return AgreementData(
        case_no=case.case_no,
        organisation=names.organisation,
        court=names.court,
        parties=tuple(_party(scene, party) for party in case.parties),
        cause=cause_name(case),
        facts=tuple(agreed or [case.story or case.claim]),
        terms=terms,
        mediator=_label(sitting, MEDIATOR),
        day=clock.local(scene.now).date(),
        verify_url=f"{scene.bench.public_url}/verify",
        issues="\n".join(_issue(scene, line) for line in lines if line.text not in agreed),
        recording=sitting.room,
        recording_head=head,
    )


def cause_name(case: Case) -> str:
    """The cause of action in Chinese."""
    return causes.name(case.cause, "zh")


def _issue(scene: Scene, line: FactLine) -> str:
    words = {"agreed": "认为属实", "disputed": "有争议", "unknown": "表示不清楚", "": "未表态"}
    said = [f"{s.label}{words[answer_of(line, s.key)]}" for s in party_seats(scene.sitting)]
    return f"{line.text}（{'，'.join(said)}）"


def _party(scene: Scene, party: Party) -> PartyData:
    person = scene.session.get(Person, party.person_id) if party.person_id else None
    known = _known(scene.bench.ctx, person) if person else {}
    return PartyData(
        side=party.side,
        name=(person.name if person else "") or party.name,
        address=party.address,
        **known,
    )


def _known(ctx: Ctx, person: Person) -> dict[str, Any]:
    """What a registered person has proved of herself; the paper names her in full."""
    known: dict[str, Any] = {"phone": identity.phone_of(ctx, person) or ""}
    number = identity.id_number_of(ctx, person)
    if number:
        read = idcard.check_id_number(number, today=clock.local(ctx.now).date())
        sex = {"male": "男", "female": "女"}.get(str(read.sex), str(read.sex or ""))
        known |= {"id_number": number, "birth": read.birth, "gender": sex}
    return known


def _label(sitting: Sitting, role: str) -> str:
    return next(seat.label for seat in sitting.seats if seat.role == role)


def signers(scene: Scene) -> list[Signer]:
    """Who signs which field: the parties in the order of the paper, then the mediator."""
    seats = party_seats(scene.sitting)
    by_party = {seat.party_id: seat for seat in seats}
    found = [
        Signer(party_field(index), party.name, party.id, by_party[party.id].person_id)
        for index, party in enumerate(scene.case.parties)
    ]
    chair = next(seat for seat in scene.sitting.seats if seat.role == MEDIATOR)
    return [*found, Signer(MEDIATOR_FIELD, chair.label, None, chair.person_id)]
