import base64
import json
import re
from datetime import timedelta

import pytest

from odr import chain, clock
from odr.archive import proof, retention
from odr.archive.depot import Depot
from odr.cases.models import Case
from odr.db import transaction
from tests.web.desk_cast import Cast, cast

__all__ = ["cast"]


@pytest.mark.parametrize(
    ("name", "status"),
    [("court", 200), ("clerk", 200), ("applicant", 404), ("charlie", 404), ("mediator", 404)],
)
def test_who_sees_what_was_deleted(cast: Cast, name: str, status: int):
    assert cast.get(name, "/deletions").status_code == status


def test_a_certificate_is_shown_and_its_signed_file_is_checked(cast: Cast):
    doors = cast.app.extensions["odr"].gateways
    depot = Depot(cast.settings, doors.authority, doors.store, clock.now)
    with cast.app.app_context():
        with transaction() as session:
            case = session.query(Case).first()
            case.closed_at = case.archived_at = clock.now() - timedelta(days=40)
            number = case.case_no
        retention.job(depot, {})
    listed = cast.get("clerk", "/deletions").text
    assert "网络安全法第二十一条" in listed
    path = re.search(r"/deletions/[0-9a-f-]{36}", listed).group()
    assert number in cast.get("court", path).text
    kept = json.loads(cast.get("court", f"{path}.json").data)
    root = proof.Root.from_pem(doors.authority.root_pem())
    signature = base64.b64decode(kept["signature"])
    signer = proof.check_signature(chain.canonical(kept["body"]), signature, root)
    assert signer == cast.settings.organisation
    assert cast.get("charlie", path).status_code == 404
    assert cast.get("charlie", f"{path}.json").status_code == 404
