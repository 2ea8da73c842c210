import pytest

from odr.archive.note import Signer, Verifier
from odr.errors import Tampered

ROOT = bytes(range(32))


@pytest.fixture
def signer(tmp_path) -> Signer:
    return Signer.load(tmp_path)


def test_a_note_has_the_form_of_a_transparency_log_checkpoint(signer):
    lines = signer.sign(17, ROOT).split("\n")
    assert lines[:4] == ["odr/audit", "17", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", ""]
    assert lines[4].startswith("— odr/audit ")
    assert lines[5:] == [""]


def test_a_note_is_opened_with_the_line_that_a_party_keeps(signer, tmp_path):
    kept = signer.verifier.text
    head = Verifier.parse(f"{kept}\n").open(signer.sign(17, ROOT))
    assert (head.size, head.root) == (17, ROOT)
    assert Signer.load(tmp_path).verifier.text == kept
    assert (tmp_path / "checkpoint.key.pem").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ("\n17\n", "\n18\n", "archive.audit-wrong-signature"),
        ("AAEC", "BBBB", "archive.audit-wrong-signature"),
        ("— odr/audit ", "— odr/other ", "archive.audit-foreign-key"),
        ("odr/audit\n17", "odr/other\n17", "archive.audit-note-unreadable"),
        ("\n17\n", "\n017\n", "archive.audit-note-unreadable"),
        ("\n\n", "\n", "archive.audit-note-unreadable"),
        ("AAEC", "A", "archive.audit-note-unreadable"),
    ],
)
def test_a_changed_note_is_named(signer, old, new, key):
    note = signer.sign(17, ROOT).replace(old, new, 1)
    with pytest.raises(Tampered) as refusal:
        signer.verifier.open(note)
    assert refusal.value.key == key


def test_a_note_of_another_house_is_foreign(signer, tmp_path):
    other = Signer.load(tmp_path / "other")
    with pytest.raises(Tampered) as refusal:
        signer.verifier.open(other.sign(17, ROOT))
    assert refusal.value.key == "archive.audit-foreign-key"


@pytest.mark.parametrize("text", ["", "odr/audit", "odr/audit+00000000+AAAA", "a+b+!!"])
def test_a_line_that_is_no_key_is_refused(text):
    with pytest.raises(Tampered):
        Verifier.parse(text)
