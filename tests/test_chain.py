import pytest

from odr import chain


def links(count: int) -> list[tuple[str, dict[str, int], str]]:
    found, head = [], chain.GENESIS
    for number in range(count):
        h = chain.link(head, {"n": number})
        found.append((head, {"n": number}, h))
        head = h
    return found


def test_the_canonical_form_does_not_depend_on_the_order_of_keys():
    assert chain.canonical({"b": 1, "a": "调"}) == chain.canonical({"a": "调", "b": 1})
    assert chain.canonical({"a": "调"}) == '{"a":"调"}'.encode()


def test_numbers_that_are_none_are_refused():
    with pytest.raises(ValueError, match="JSON"):
        chain.canonical(float("nan"))


def test_the_hash_of_a_link_is_what_the_definition_says():
    expected = chain.digest(b"\0" + bytes(32) + b'{"n":0}')
    assert chain.link(chain.GENESIS, {"n": 0}) == expected


def test_an_unbroken_chain_has_no_broken_link():
    assert chain.first_broken(links(5)) is None


@pytest.mark.parametrize("at", [0, 2, 4])
def test_the_first_broken_link_is_named(at):
    found = links(5)
    prev, _, h = found[at]
    found[at] = (prev, {"n": 77}, h)
    assert chain.first_broken(found) == at


def test_a_removed_link_is_named():
    found = links(5)
    del found[1]
    assert chain.first_broken(found) == 1
