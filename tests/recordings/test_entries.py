"""Lines of the manifest: made, written and read as the same."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from odr.recordings import entries

KEY = Ed25519PrivateKey.generate()


def test_a_line_is_read_as_it_was_made():
    first = entries.following(None, {"kind": "header"}, 0, KEY)
    second = entries.following(first, {"kind": "mark", "name": "步骤"}, 700, KEY)
    assert entries.parse(second.line().rstrip()) == second
    assert (second.seq, second.prev) == (1, first.h)
    assert second.fits()
    assert second.signed_by(KEY.public_key())
    assert not second.signed_by(Ed25519PrivateKey.generate().public_key())


def test_time_never_runs_backwards():
    first = entries.following(None, {"kind": "header"}, 900, KEY)
    assert entries.following(first, {"kind": "mark"}, 100, KEY).t_ms == 900


@pytest.mark.parametrize("line", [b"", b"7", b"[]", b"{}", b'{"seq":', b"\xff\xfe", b'{"seq":"x"}'])
def test_what_is_no_line_is_none(line):
    assert entries.parse(line) is None
