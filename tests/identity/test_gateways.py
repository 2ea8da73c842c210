import json

import pytest

from odr.errors import Refused
from odr.identity.gateways import CardAnswer
from odr.identity.gateways.card_none import NoCardRegistry
from odr.identity.gateways.sms_console import ConsoleSms


def test_the_simulated_network_refuses_production(tmp_path):
    with pytest.raises(Refused, match="refuses to start in production"):
        ConsoleSms(tmp_path, production=True)


def test_texts_are_kept_for_their_owner_only_and_shown_as_simulated(tmp_path, capsys):
    sms = ConsoleSms(tmp_path, production=False)
    sms.send("13800138001", "验证码 123456")
    sms.send("13900139002", "二")
    path = tmp_path / "sms-simulated.jsonl"
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    assert (rows[0]["phone"], rows[0]["text"]) == ("13800138001", "验证码 123456")
    assert len(rows) == 2
    assert path.stat().st_mode & 0o777 == 0o600
    assert capsys.readouterr().err.startswith("simulated SMS to 13800138001")


def test_a_missing_registry_says_so():
    assert NoCardRegistry().check("陈国强", "1") == CardAnswer.UNAVAILABLE
