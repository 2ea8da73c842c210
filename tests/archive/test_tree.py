import hashlib

import pytest

from odr.archive import metadata, tree

DATA = [bytes([number]) * 3 for number in range(40)]
LEAVES = [tree.leaf(data) for data in DATA]


@pytest.mark.parametrize("size", range(40))
def test_the_root_is_that_of_rfc_6962_however_the_tree_grew(size):
    assert tree.root_of(LEAVES[:size]).hex() == metadata.merkle_root(DATA[:size])
    peaks, done = tree.grown([], 0, LEAVES[: size // 3])
    peaks, done = tree.grown(peaks, done, LEAVES[size // 3 : size])
    assert (done, len(peaks)) == (size, size.bit_count())
    assert tree.root(peaks).hex() == metadata.merkle_root(DATA[:size])


def test_the_empty_tree_is_the_hash_of_nothing():
    assert tree.root([]) == hashlib.sha256(b"").digest()


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8, 21])
def test_every_leaf_is_shown_to_be_in_the_tree_and_nowhere_else(size):
    leaves, root = LEAVES[:size], tree.root_of(LEAVES[:size])
    for index in range(size):
        path = tree.inclusion(leaves, index)
        assert tree.included(leaves[index], index, size, path) == root
        assert tree.included(LEAVES[30], index, size, path) != root
        assert tree.included(leaves[index], index, size, [*path, root]) is None
        for other in range(size):
            right = tree.included(leaves[index], other, size, path) == root
            assert right == (other == index)
    assert tree.included(leaves[0], size, size, []) is None
    expected = {index: tree.inclusion(leaves, index) for index in range(size)}
    assert tree.paths(leaves, range(size)) == expected


def test_every_beginning_is_shown_to_be_one_and_no_other_tree_is():
    for size in range(1, 22):
        new = (size, tree.root_of(LEAVES[:size]))
        for older in range(1, size + 1):
            proof = tree.consistency(LEAVES[:size], older)
            old = (older, tree.root_of(LEAVES[:older]))
            forged = (older, tree.root_of([*LEAVES[: older - 1], LEAVES[39]]))
            assert tree.consistent(old, new, proof)
            assert not tree.consistent(forged, new, proof)
            assert not tree.consistent(old, new, [*proof, LEAVES[0]])
    assert not tree.consistent((5, LEAVES[0]), (6, LEAVES[0]), [])
    assert not tree.consistent((0, tree.EMPTY), (6, LEAVES[0]), [])
