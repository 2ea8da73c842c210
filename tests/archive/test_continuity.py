"""A kept checkpoint against the log of today, and the same without any log."""

import json

import pytest
from click.testing import CliRunner

from odr import cli
from odr.archive import checkpoints, continuity, note
from odr.db import reading, transaction
from odr.errors import NotFound, Refused
from tests.archive.test_checkpoints import cut, depot
from tests.archive.test_ledger import attack, rehash

__all__ = ["depot"]


def verifier(depot):
    return note.Signer.load(depot.settings.secrets_dir).verifier


def compared(depot, kept):
    with reading() as session:
        return continuity.compare(session, verifier(depot), kept)


def told(answer):
    return json.dumps(answer.to_json())


@pytest.mark.parametrize("further", [0, 1, 4, 5])
def test_a_log_that_only_grew_fits_and_proves_it_to_who_has_no_log(depot, further):
    kept = cut(depot, 3).note
    cut(depot, further)
    answer = compared(depot, kept)
    assert answer.finding.ok
    assert continuity.check(kept, told(answer), verifier(depot)).ok


def test_a_history_written_anew_is_told_to_who_kept_the_old_one(depot):
    kept = cut(depot, 6).note
    rehash(lambda row: setattr(row, "body", {"n": 99}), 2)
    attack("DELETE FROM audit_checkpoint")
    with transaction() as session:
        checkpoints.cut(session, depot, "routine")
    answer = compared(depot, kept)
    assert not answer.finding.ok
    assert "forked history" in answer.finding.text
    assert not continuity.check(kept, told(answer), verifier(depot)).ok


def test_no_other_proof_joins_them(depot):
    kept = cut(depot, 3).note
    cut(depot, 4)
    body = compared(depot, kept).to_json()
    for proof in ([], body["proof"][:-1], body["proof"][::-1], [*body["proof"], "00" * 32]):
        forged = json.dumps(body | {"proof": proof})
        assert not continuity.check(kept, forged, verifier(depot)).ok
    joined = "".join(body["proof"])
    shifted = json.dumps(body | {"proof": [joined[:62], joined[62:]]})
    with pytest.raises(Refused):
        continuity.check(kept, shifted, verifier(depot))


def test_a_log_that_was_cut_is_told(depot):
    kept = cut(depot, 6).note
    attack("DELETE FROM audit WHERE seq > 4", "DELETE FROM audit_checkpoint")
    with transaction() as session:
        checkpoints.cut(session, depot, "routine")
    assert "cut tail" in compared(depot, kept).finding.text


@pytest.mark.parametrize("change", ["what is this", "", "x" * 3000])
def test_what_is_no_checkpoint_is_said_plainly(depot, change):
    cut(depot, 2)
    answer = compared(depot, change)
    assert not answer.finding.ok
    assert "not a checkpoint" in answer.finding.text


def test_a_checkpoint_of_a_foreign_key_is_not_ours(depot, tmp_path):
    cut(depot, 2)
    foreign = note.Signer.load(tmp_path / "foreign").sign(1, bytes(32))
    assert "another key" in compared(depot, foreign).finding.text


def test_before_the_first_checkpoint_there_is_nothing_to_compare(depot):
    with pytest.raises(NotFound):
        compared(depot, "")


@pytest.mark.parametrize(
    "text", ["", " " * 200_000, "[]", "{}", '{"note": "x", "proof": 7}', '{"proof": ["zz"]}']
)
def test_a_proof_that_cannot_be_read_is_refused(depot, text):
    kept = cut(depot, 2).note
    with pytest.raises(Refused):
        continuity.check(kept, text, verifier(depot))


def test_the_command_needs_neither_log_nor_installation(depot, tmp_path):
    kept = cut(depot, 3).note
    cut(depot, 4)
    old, proof = tmp_path / "kept.txt", tmp_path / "proof.json"
    old.write_text(kept, "utf-8")
    proof.write_text(told(compared(depot, kept)), "utf-8")
    words = ["verify", str(proof), "--since", str(old), "--key"]
    good = CliRunner().invoke(cli.cli, [*words, verifier(depot).text])
    assert good.exit_code == 0
    assert "the first 3 rows" in good.output
    foreign = note.Signer.load(tmp_path / "foreign").verifier.text
    assert CliRunner().invoke(cli.cli, [*words, foreign]).exit_code == 1
    assert CliRunner().invoke(cli.cli, words[:-1]).exit_code == 2
