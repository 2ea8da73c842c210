from odr.identity import specialties


def test_a_field_is_known_by_key_chinese_or_english():
    for word in ("private_lending", "民间借贷", "Private Lending"):
        assert specialties.canonical(word) == "民间借贷"


def test_an_unknown_field_stays_as_it_is():
    assert specialties.canonical(" 海事 ") == "海事"
    assert specialties.name("maritime", "zh") == "maritime"
    assert specialties.name("ip", "en") == "intellectual property"
