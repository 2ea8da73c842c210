import re
from pathlib import Path

import pyotp
import pytest
from click.testing import CliRunner
from sqlalchemy import func, select

from odr.cli_db import db_group
from odr.cli_people import people
from odr.db import opened, reading, transaction
from odr.errors import Refused
from odr.identity import service
from odr.identity.models import Person
from odr.migrations import versions

VERSIONS = Path(versions.__path__[0])


@pytest.fixture
def run(from_env):
    def _run(*words: str, group=people) -> str:
        return CliRunner().invoke(group, words, catch_exceptions=False).output

    return _run


def test_who_was_added_logs_in_with_what_was_printed(run, settings, ctx):
    shown = run("add", "zhou.min", "--name", "周敏", "--role", "mediator", "--specialty", "ip")
    password = re.search(r"password: (\S+)", shown).group(1)
    totp = pyotp.TOTP(re.search(r"totp secret: (\S+)", shown).group(1))
    with transaction() as session:
        code = totp.at(int(ctx.now.timestamp()))
        result = service.staff_login(session, ctx, "zhou.min", password, code)
        assert result.person.name == "周敏"
    assert "mediator\tzhou.min\t周敏\tactive\t知识产权" in run("list")
    assert run("list", "--role", "clerk") == ""


def test_the_same_name_twice_is_refused(run):
    run("add", "wu.ting", "--name", "吴婷", "--role", "clerk")
    with pytest.raises(Refused, match="taken"):
        run("add", "wu.ting", "--name", "吴婷", "--role", "clerk")


def test_forty_sample_lawyers_are_added_once(run, settings):
    assert run("sample").startswith("added 40")
    assert run("sample").startswith("added 0")
    with opened(settings), reading() as session:
        assert session.scalar(select(func.count()).select_from(Person)) == 40
        fields = {one for row in session.scalars(select(Person.specialties)) for one in row}
        assert {"金融", "证券", "知识产权", "建设工程"} <= fields


def test_sample_lawyers_stay_out_of_production(run, monkeypatch):
    monkeypatch.setenv("ODR_ENVIRONMENT", "production")
    with pytest.raises(Refused, match="production"):
        run("sample")


def test_the_database_says_where_it_stands(run):
    newest = max(path.name[:4] for path in VERSIONS.glob("0*.py"))
    assert newest in run("upgrade", group=db_group)
    assert run("current", group=db_group) == f"present {newest}, newest {newest}\n"
