import pytest
from sqlalchemy import select

from odr.db import reading
from odr.errors import NotFound
from odr.mediation import service
from odr.settlement.models import Agreement


def test_each_page_is_a_picture_and_there_is_none_beyond_the_last(table):
    table.walk("signing")
    with reading() as session:
        agreement = session.scalars(select(Agreement)).one()
        count = service.pages_of(agreement)
        assert service.page(agreement, count).read_bytes().startswith(b"\x89PNG")
        for number in (0, count + 1):
            with pytest.raises(NotFound):
                service.page(agreement, number)
