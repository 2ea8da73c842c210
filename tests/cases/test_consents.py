import pytest

from odr import chain
from odr.cases import consents
from odr.errors import NotFound


@pytest.mark.parametrize("purpose", consents.PURPOSES)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_hash_is_that_of_the_text_shown(purpose, language):
    version, text, digest = consents.text(purpose, language)
    assert version == "2026-01"
    assert "version" not in text
    assert digest == chain.digest(text.encode())
    assert digest in consents.known_hashes(purpose)


def test_an_unknown_language_reads_chinese_and_an_unknown_purpose_is_not_found():
    assert consents.text("recording", "fr") == consents.text("recording", "zh")
    with pytest.raises(NotFound):
        consents.text("../secrets", "zh")
