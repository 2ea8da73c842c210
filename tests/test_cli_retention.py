from datetime import timedelta

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from odr import cli, clock
from odr.archive.models import DeletionCertificate
from odr.cases.models import Case
from odr.db import reading, transaction
from tests.people import make_case


@pytest.fixture
def odr(database, ctx, cast, from_env):
    with transaction() as session:
        case = make_case(session, ctx, cast)
        case.closed_at = case.archived_at = clock.now() - timedelta(days=40)

    def run(*words: str):
        return CliRunner().invoke(cli.cli, ["retention", *words])

    return run


def test_the_table_names_the_articles(odr):
    assert "网络安全法第二十一条" in odr("table").output


def test_a_held_case_is_not_due_and_a_lifted_one_is_deleted(odr):
    with reading() as session:
        number = session.scalars(select(Case.case_no)).one()
    assert odr("due").output.count("\n") == 2
    assert odr("hold", number, "--reason", "再审").exit_code == 0
    assert odr("due").output == ""
    assert odr("lift", number).output == f"{number}: 1 lifted\n"
    assert odr("run").exit_code == 0
    with reading() as session:
        kinds = sorted(session.scalars(select(DeletionCertificate.kind)))
    assert kinds == ["identity_picture", "local_recording"]


def test_an_unknown_case_is_told_in_one_sentence(odr):
    done = odr("hold", "no such case", "--reason", "x")
    assert done.exit_code == 1
