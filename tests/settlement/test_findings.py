from odr.settlement.findings import Label, fails, fits


def test_a_finding_speaks_both_languages_about_one_thing():
    said = fits("seal", "intact", name=Label("印章", "the seal"))
    assert said.ok
    assert "印章" in said.text_zh
    assert "the seal" in said.text_en
    assert not fails("seal", "missing", name="x").ok
