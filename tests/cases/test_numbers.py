from odr.cases import numbers


def test_a_number_reads_as_courts_write_it():
    assert numbers.case_number(2026, 1) == "（2026）浙0304民调00001号"
    assert numbers.serial_of("（2026）浙0304民调00042号") == 42
    assert numbers.serial_of("something else") == 0


def test_short_codes_have_no_misreadable_character():
    codes = {numbers.short_code() for _ in range(200)}
    assert len(codes) == 200
    assert not set("".join(codes)) & set("01IO")
