import pytest

from odr.law import articles


def test_every_article_has_both_languages_a_source_and_a_date():
    for found in articles.all_articles().values():
        assert found.zh
        assert found.en
        assert "条" in found.source
        assert found.valid_from.year > 2000


def test_an_article_is_found_by_its_key():
    assert "八种" in articles.article("online-25").text()
    assert "eight" in articles.article("online-25").text("en")
    with pytest.raises(KeyError):
        articles.article("online-999")
