"""A film that was cut anywhere is whole up to its last cluster."""

import pytest

from odr.recordings import webm


def _film():
    parts = [webm.head(webm.Picture())]
    for t_ms in (0, 1000, 2000):
        blocks = [webm.Block(webm.AUDIO, t_ms + i * 20, key=True, data=b"x" * 40) for i in range(5)]
        parts.append(webm.cluster(blocks))
    return parts


@pytest.mark.parametrize("cut", [0, 1, 7, 60, 300])
def test_the_last_whole_cluster_is_found(tmp_path, cut):
    parts = _film()
    whole = b"".join(parts)
    path = tmp_path / "film.webm"
    path.write_bytes(whole[: len(whole) - cut])
    ends = [sum(map(len, parts[: n + 1])) for n in range(len(parts))]
    assert webm.intact_size(path) == max(end for end in ends if end <= len(whole) - cut)


@pytest.mark.parametrize("data", [b"", b"\x00" * 50, b"not a film at all", b"\xff" * 99])
def test_what_is_no_film_has_nothing_whole(tmp_path, data):
    path = tmp_path / "film.webm"
    path.write_bytes(data)
    assert webm.intact_size(path) == 0


def test_sizes_at_the_edges_are_written_as_ebml_wants():
    assert webm.element(0xEC, b"\0" * 126)[:2] == b"\xec\xfe"
    assert webm.element(0xEC, b"\0" * 127)[:3] == b"\xec\x40\x7f"
