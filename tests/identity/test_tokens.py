import os
from datetime import timedelta

import jwt
import pytest

from odr.db import transaction
from odr.errors import Refused
from odr.identity import tokens
from odr.identity.tokens import Keys
from tests.people import NOW

CLAIMS = {"sub": "person", "seat": "a1"}


@pytest.fixture
def keys(tmp_path) -> Keys:
    return Keys.load(tmp_path)


def issue(keys: Keys, kind: str = "room+jwt") -> str:
    return keys.issue(kind, CLAIMS, seconds=60, now=NOW)


def refused(keys: Keys, token: str, **changes) -> str:
    with pytest.raises(Refused) as found:
        keys.read("room+jwt", token, now=changes.get("now", NOW))
    return found.value.key


def test_a_ticket_says_what_it_was_issued_for(keys):
    found = keys.read("room+jwt", issue(keys), now=NOW + timedelta(seconds=59))
    assert (found["sub"], found["seat"], found["aud"]) == ("person", "a1", "odr-room")


def test_late_and_early_tickets_are_refused(keys):
    token = issue(keys)
    assert refused(keys, token, now=NOW + timedelta(seconds=66)) == "identity.ticket-late"
    assert refused(keys, token, now=NOW - timedelta(seconds=30)) == "identity.ticket-late"


def test_a_ticket_of_another_kind_or_house_is_foreign(keys, tmp_path):
    assert refused(keys, issue(keys, "dl+jwt")) == "identity.ticket-foreign"
    other = Keys.load(tmp_path / "other")
    assert refused(keys, issue(other)) == "identity.ticket-foreign"
    assert refused(keys, "nonsense") == "identity.ticket-foreign"


def test_a_changed_ticket_is_foreign(keys):
    head, body, mac = issue(keys).split(".")
    assert refused(keys, f"{head}.{body[:-4]}AAAA.{mac}") == "identity.ticket-foreign"


@pytest.mark.parametrize("algorithm", ["none", "HS256"])
def test_no_other_algorithm_is_taken(keys, algorithm):
    head = {"typ": "room+jwt", "kid": keys.kid}
    key = None if algorithm == "none" else "0" * 64
    whole = {**CLAIMS, "iss": "odr", "aud": "odr-room", "jti": "1", "iat": 1, "exp": 4_000_000_000}
    token = jwt.encode(whole, key, algorithm=algorithm, headers=head)
    assert refused(keys, token) == "identity.ticket-foreign"


def test_a_ticket_without_subject_is_foreign(keys):
    token = keys.issue("room+jwt", {"seat": "a1"}, seconds=60, now=NOW)
    assert refused(keys, token) == "identity.ticket-foreign"


def test_keys_are_made_once_and_only_their_owner_reads_them(tmp_path):
    first, second = Keys.load(tmp_path), Keys.load(tmp_path)
    assert first.kid == second.kid
    assert os.stat(tmp_path / "ticket-1.pem").st_mode & 0o777 == 0o600  # noqa: PTH116
    assert [path.name for path in tmp_path.iterdir()] == ["ticket-1.pem"]


def test_after_a_change_of_keys_old_tickets_still_verify(tmp_path):
    old = Keys.load(tmp_path / "a")
    (tmp_path / "a" / "ticket-2.pem").write_bytes(
        (Keys.load(tmp_path / "b"), tmp_path / "b" / "ticket-1.pem")[1].read_bytes()
    )
    new = Keys.load(tmp_path / "a")
    assert new.kid != old.kid
    assert new.read("room+jwt", issue(old), now=NOW)["seat"] == "a1"


def test_a_ticket_is_spent_once_and_the_refusal_loses_nothing_else(database):
    with transaction() as session:
        tokens.spend(session, "abc", NOW)
    with transaction() as session:
        with pytest.raises(Refused, match="used already"):
            tokens.spend(session, "abc", NOW)
        tokens.spend(session, "def", NOW)
