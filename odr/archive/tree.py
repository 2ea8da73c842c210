"""An RFC 6962 tree that grows at its end: peaks, root, inclusion and consistency; it does not know the leaves.

All hashes are 32 bytes. ``peaks`` are the roots of the full subtrees, the largest first: enough to go on
without reading the older leaves again.
"""

import hashlib
from collections.abc import Iterable, Sequence

EMPTY = hashlib.sha256().digest()


def leaf(data: bytes) -> bytes:
    """The hash of one leaf (RFC 6962 §2.1)."""
    return hashlib.sha256(b"\x00" + data).digest()


def node(left: bytes, right: bytes) -> bytes:
    """The hash of two neighbours."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def grown(peaks: Sequence[bytes], size: int, leaves: Iterable[bytes]) -> tuple[list[bytes], int]:
    """Peaks and size after appending leaf hashes to a tree of ``size`` leaves."""
    stack = list(peaks)
    for one in leaves:
        stack.append(one)
        size += 1
        for _ in range((size & -size).bit_length() - 1):
            right = stack.pop()
            stack.append(node(stack.pop(), right))
    return stack, size


def root(peaks: Sequence[bytes]) -> bytes:
    """The tree hash of these peaks."""
    if not peaks:
        return EMPTY
    found = peaks[-1]
    for peak in reversed(peaks[:-1]):
        found = node(peak, found)
    return found


def root_of(leaves: Iterable[bytes]) -> bytes:
    """The tree hash over leaf hashes."""
    return root(grown([], 0, leaves)[0])


def inclusion(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """The audit path of one leaf, the lowest neighbour first (RFC 6962 §2.1.1)."""
    if len(leaves) == 1:
        return []
    split = _split(len(leaves))
    if index < split:
        return [*inclusion(leaves[:split], index), root_of(leaves[split:])]
    return [*inclusion(leaves[split:], index - split), root_of(leaves[:split])]


def paths(leaves: Sequence[bytes], indexes: Iterable[int]) -> dict[int, list[bytes]]:
    """The audit paths of many leaves, with the tree built once."""
    found: dict[int, list[bytes]] = {index: [] for index in indexes}
    level, height = list(leaves), 0
    while len(level) > 1:
        for index, path in found.items():
            neighbour = (index >> height) ^ 1
            if neighbour < len(level):  # the last of an odd row has none and rises as it is
                path.append(level[neighbour])
        pairs = [node(*level[at : at + 2]) for at in range(0, len(level) - 1, 2)]
        level = pairs + level[len(pairs) * 2 :]
        height += 1
    return found


def included(one: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes | None:
    """The root that the path leads to, or None when its length does not fit (RFC 9162 §2.1.3.2)."""
    at, last, found = index, size - 1, one
    if index >= size:
        return None
    for neighbour in path:
        if last == 0:
            return None
        if at & 1 or at == last:
            found = node(neighbour, found)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            found = node(found, neighbour)
        at, last = at >> 1, last >> 1
    return found if last == 0 else None


def consistency(leaves: Sequence[bytes], older: int) -> list[bytes]:
    """The proof that the first ``older`` leaves are a beginning of all (RFC 6962 §2.1.2)."""
    return _consistency(leaves, older, whole=True)


def _consistency(leaves: Sequence[bytes], older: int, *, whole: bool) -> list[bytes]:
    if older == len(leaves):
        return [] if whole else [root_of(leaves)]
    split = _split(len(leaves))
    if older <= split:
        return [*_consistency(leaves[:split], older, whole=whole), root_of(leaves[split:])]
    return [
        *_consistency(leaves[split:], older - split, whole=False),
        root_of(leaves[:split]),
    ]


def consistent(old: tuple[int, bytes], new: tuple[int, bytes], proof: Sequence[bytes]) -> bool:
    """Whether ``(size, root)`` of the new tree continues the old one (RFC 9162 §2.1.4.2)."""
    if not 0 < old[0] <= new[0]:
        return False
    if old[0] == new[0]:
        return old[1] == new[1] and not proof
    path = list(proof) if old[0] & (old[0] - 1) else [old[1], *proof]
    if not path:
        return False
    return _walk(old[0] - 1, new[0] - 1, path) == (old[1], new[1])


def _walk(at: int, last: int, path: Sequence[bytes]) -> tuple[bytes, bytes] | None:
    """Both roots as the path makes them."""
    while at & 1:
        at, last = at >> 1, last >> 1
    older = newer = path[0]
    for one in path[1:]:
        if last == 0:
            return None
        if at & 1 or at == last:
            older, newer = node(one, older), node(one, newer)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            newer = node(newer, one)
        at, last = at >> 1, last >> 1
    return (older, newer) if last == 0 else None


def _split(size: int) -> int:
    return 1 << (size - 1).bit_length() - 1
