import json

import pytest

from odr.errors import Unavailable
from odr.simulation.phone_network import PhoneNetwork


@pytest.fixture
def network(tmp_path):
    texts = [
        "验证码 123456，五分钟内有效。",
        "请打开 http://127.0.0.1:8000/i/aB-_9x。",
        "验证码 654321",
    ]
    rows = [{"at": "", "phone": "13800138001", "text": text} for text in texts]
    path = tmp_path / "sms.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return PhoneNetwork(path)


def test_the_code_of_the_next_message_is_read(network):
    assert network.code("13800138001", after=0) == "123456"
    assert network.code("13800138001", after=1) == "654321"


def test_the_personal_link_is_read(network):
    assert network.link("13800138001") == "http://127.0.0.1:8000/i/aB-_9x"


def test_who_got_no_message_is_named_without_her_number(network):
    with pytest.raises(Unavailable) as refusal:
        network.code("13900139002", after=0, seconds=0.05)
    assert refusal.value.values == {"phone": "139****9002"}
