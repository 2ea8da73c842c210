"""What may be said in the room, read strictly; it does not know who says it or what comes of it.

Pure. ``HANDLERS`` has one function per act; each reads its own message and returns an ``Act``.
``protocol.md`` describes every one of them, and a test holds both together.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from odr.cases.status import Outcome
from odr.errors import Refused

VERDICTS = frozenset({"same", "doubt", "different"})
FACT_ANSWERS = frozenset({"agreed", "disputed", "unknown"})
CLAUSE_ANSWERS = frozenset({"accept", "object"})
CONSENTS = frozenset({"agree", "refuse"})
SIDES = frozenset({"applicant", "respondent"})
OUTCOMES = frozenset(outcome.value for outcome in Outcome)
MOST_FACTS = 60
LONGEST_FACT = 500
LONGEST_TEXT = 2000
MOST_KEYS = 100


@dataclass(frozen=True, slots=True)
class Act:
    """One thing a person wants done; ``body`` holds only what its handler let through."""

    type: str
    body: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Message:
    """What came over the wire; every reader refuses what it cannot use and names the field."""

    fields: Mapping[str, Any]

    def text(self, name: str, most: int = LONGEST_TEXT, *, needed: bool = True) -> str:
        """A text without surrounding blanks, at most ``most`` characters."""
        value = self.fields.get(name, "")
        if not isinstance(value, str) or "\x00" in value:
            raise Refused("mediation.malformed", field=name)
        value = value.strip()
        if len(value) > most:
            raise Refused("mediation.too-long", field=name, most=most)
        if needed and not value:
            raise Refused("mediation.malformed", field=name)
        return value

    def choice(self, name: str, allowed: frozenset[str]) -> str:
        """One of the allowed words."""
        value = self.text(name, 40)
        if value not in allowed:
            raise Refused("mediation.malformed", field=name)
        return value

    def identifier(self, name: str) -> UUID:
        """The id of a row."""
        try:
            return UUID(self.text(name, 40))
        except ValueError as error:
            raise Refused("mediation.malformed", field=name) from error

    def mapping(self, name: str) -> Mapping[str, Any]:
        """A JSON object."""
        value = self.fields.get(name)
        if not isinstance(value, Mapping) or len(value) > MOST_KEYS:
            raise Refused("mediation.malformed", field=name)
        return value

    def lines(self, name: str) -> list[str]:
        """Short texts; blank ones are left out."""
        value = self.fields.get(name)
        if not isinstance(value, list) or not all(isinstance(line, str) for line in value):
            raise Refused("mediation.malformed", field=name)
        found = [line.strip() for line in value if line.strip()]
        if len(found) > MOST_FACTS or any(len(line) > LONGEST_FACT for line in found):
            raise Refused("mediation.facts-too-long", most=MOST_FACTS, longest=LONGEST_FACT)
        return found


def admit(message: Message) -> Act:
    """Let one seat in from the waiting room."""
    return Act("admit", {"seat": message.text("seat", 20)})


def dismiss(message: Message) -> Act:
    """Send one seat back to the waiting room."""
    return Act("dismiss", {"seat": message.text("seat", 20)})


def open_(_message: Message) -> Act:
    """Begin the session and its recording."""
    return Act("open")


def confirm_identity(message: Message) -> Act:
    """Say whether the person on the screen is the one on the card."""
    verdict = message.choice("verdict", VERDICTS)
    return Act("confirm-identity", {"seat": message.text("seat", 20), "verdict": verdict})


def tap(message: Message) -> Act:
    """Acknowledge one item by the hash of the text that was shown."""
    item = message.text("item", 40)
    return Act("tap", {"item": item, "text_hash": message.text("text_hash", 64)})


def set_facts(message: Message) -> Act:
    """Put facts to the parties, line by line."""
    return Act("set-facts", {"lines": message.lines("lines")})


def answer_fact(message: Message) -> Act:
    """Call one fact agreed, disputed or unknown."""
    answer = message.choice("answer", FACT_ANSWERS)
    return Act("answer-fact", {"fact": message.identifier("fact"), "answer": answer})


def advance(_message: Message) -> Act:
    """Walk to the next step."""
    return Act("advance")


def adjourn(message: Message) -> Act:
    """Interrupt the session; the recording stops with a declared gap."""
    return Act("adjourn", {"reason": message.text("reason", 500, needed=False)})


def resume(_message: Message) -> Act:
    """Go on after an adjournment."""
    return Act("resume")


def caucus(message: Message) -> Act:
    """Talk apart with one side; the other hears nothing and nothing is recorded unless all agree."""
    return Act("caucus", {"side": message.choice("side", SIDES)})


def rejoin(_message: Message) -> Act:
    """Be together again."""
    return Act("rejoin")


def ask_to_record(_message: Message) -> Act:
    """Ask every party whether this talk apart may be recorded."""
    return Act("ask-to-record")


def answer_recording(message: Message) -> Act:
    """Agree or refuse that it is recorded; who has agreed may still refuse."""
    return Act("answer-recording", {"answer": message.choice("answer", CONSENTS)})


def note(message: Message) -> Act:
    """Write a line of the minutes."""
    return Act("note", {"text": message.text("text")})


def say(message: Message) -> Act:
    """Write to everyone in the room."""
    return Act("say", {"text": message.text("text", 500)})


def cannot_hear(_message: Message) -> Act:
    """Tell the mediator that one cannot hear or see."""
    return Act("cannot-hear")


def object_(message: Message) -> Act:
    """Have an objection put into the minutes."""
    return Act("object", {"text": message.text("text")})


def propose(message: Message) -> Act:
    """Put terms on the table; they replace the former ones and undo acceptance."""
    return Act("propose", {"terms": dict(message.mapping("terms"))})


def accept(message: Message) -> Act:
    """Say yes to one version of the terms, by its hash."""
    proposal = message.identifier("proposal")
    return Act("accept", {"proposal": proposal, "text_hash": message.text("text_hash", 64)})


def reject(message: Message) -> Act:
    """Say no to one version of the terms, with a reason if one wishes."""
    body = {
        "proposal": message.identifier("proposal"),
        "text_hash": message.text("text_hash", 64),
        "reason": message.text("reason", 500, needed=False),
    }
    return Act("reject", body)


def answer_clause(message: Message) -> Act:
    """Say yes or no to one clause, by its digest, with a reason if one wishes."""
    body = {
        "proposal": message.identifier("proposal"),
        "clause": message.text("clause", 20),
        "text_hash": message.text("text_hash", 64),
        "answer": message.choice("answer", CLAUSE_ANSWERS),
        "reason": message.text("reason", 500, needed=False),
    }
    return Act("answer-clause", body)


def prepare_agreement(_message: Message) -> Act:
    """Make the paper from the accepted terms."""
    return Act("prepare-agreement")


def finish(message: Message) -> Act:
    """End the mediation in one of the eight ways of art. 25."""
    outcome = message.choice("outcome", OUTCOMES)
    return Act("finish", {"outcome": outcome, "reason": message.text("reason", needed=False)})


def mute(message: Message) -> Act:
    """Ask one seat's page to switch its microphone off."""
    return Act("mute", {"seat": message.text("seat", 20)})


def device_check(message: Message) -> Act:
    """Tell what the device check found: short words by short names."""
    found = {
        str(name)[:40]: value if isinstance(value, bool | int) else str(value)[:200]
        for name, value in list(message.fields.items())[:30]
        if name != "type"
    }
    return Act("device-check", {"found": found})


def sync(message: Message) -> Act:
    """Ask for the whole state; ``last_version`` is what the page has."""
    last = message.fields.get("last_version", 0)
    return Act("sync", {"last_version": last if isinstance(last, int) else 0})


HANDLERS: dict[str, Callable[[Message], Act]] = {
    "admit": admit,
    "dismiss": dismiss,
    "open": open_,
    "confirm-identity": confirm_identity,
    "tap": tap,
    "set-facts": set_facts,
    "answer-fact": answer_fact,
    "advance": advance,
    "adjourn": adjourn,
    "resume": resume,
    "caucus": caucus,
    "rejoin": rejoin,
    "ask-to-record": ask_to_record,
    "answer-recording": answer_recording,
    "note": note,
    "say": say,
    "cannot-hear": cannot_hear,
    "object": object_,
    "propose": propose,
    "accept": accept,
    "reject": reject,
    "answer-clause": answer_clause,
    "prepare-agreement": prepare_agreement,
    "finish": finish,
    "mute": mute,
    "device-check": device_check,
    "sync": sync,
}


def read(message: object) -> Act:
    """The act a message asks for; Refused when it is none of ours."""
    if not isinstance(message, Mapping):
        raise Refused("mediation.malformed", field="message")
    handler = HANDLERS.get(str(message.get("type", "")))
    if handler is None:
        raise Refused("mediation.unknown-act")
    return handler(Message(message))
