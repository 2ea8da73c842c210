import pytest

from odr.archive.s3 import S3Store
from odr.bootstrap import bootstrap
from odr.errors import Refused
from odr.settings import Settings


def settings(tmp_path, **env):
    return Settings.from_env({"ODR_DATA": str(tmp_path / "data"), **env})


@pytest.mark.parametrize(
    ("name", "value"),
    [("ODR_SMS", "carrier"), ("ODR_STORE", "tape"), ("ODR_SM2", "yes")],
)
def test_a_provider_that_is_not_there_is_refused_by_name(tmp_path, name, value):
    with pytest.raises(Refused) as refused:
        bootstrap(settings(tmp_path, **{name: value}))
    assert name in refused.value.sentence("zh")
    assert value in refused.value.sentence("en")


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"ODR_TSA_URL": "https://tsa.example"}, "ODR_TSA_ROOTS"),
        ({"ODR_TSA_URL": "http://tsa.example", "ODR_TSA_LOGIN": "a:hush-hush"}, "ODR_TSA_LOGIN"),
        ({"ODR_PKCS11_MODULE": "/usr/lib/token.so", "ODR_PKCS11_PIN": "hush-hush"}, "PKCS11_TOKEN"),
        ({"ODR_PKCS11_MODULE": "/usr/lib/token.so", "ODR_PKCS11_TOKEN": "odr"}, "PKCS11_PIN"),
    ],
)
def test_what_is_half_described_is_refused_by_name(tmp_path, given, named):
    given.setdefault("ODR_TSA_ROOTS", "" if named == "ODR_TSA_ROOTS" else str(tmp_path / "root"))
    with pytest.raises(Refused) as refused:
        bootstrap(settings(tmp_path, **given))
    assert named in refused.value.sentence("zh")
    assert "hush-hush" not in str(refused.value)


def test_keys_of_an_older_start_open_with_the_passphrase_of_the_settings(tmp_path):
    first = bootstrap(settings(tmp_path)).authority
    assert bootstrap(settings(tmp_path)).authority.fingerprint == first.fingerprint
    with pytest.raises(Refused) as refused:
        bootstrap(settings(tmp_path, ODR_KEYS_PASSPHRASE="another"))
    assert "ODR_KEYS_PASSPHRASE" in refused.value.sentence("zh")


def test_simulated_messages_do_not_start_in_production(tmp_path):
    with pytest.raises(Refused):
        bootstrap(settings(tmp_path, ODR_ENVIRONMENT="production"))


def test_the_defaults_open_every_gateway(tmp_path):
    made = settings(tmp_path)
    gateways = bootstrap(made)
    assert gateways.store.names() == []
    assert gateways.vault.open(gateways.vault.seal("x", context="c"), context="c") == "x"


S3 = {
    "ODR_STORE": "s3",
    "ODR_S3_ENDPOINT": "https://s3.example",
    "ODR_S3_BUCKET": "court",
    "ODR_S3_ACCESS_KEY": "writer",
    "ODR_S3_SECRET_KEY": "hush-hush",
}


@pytest.mark.parametrize("name", [name for name in S3 if name != "ODR_STORE"])
def test_a_store_that_is_half_described_is_refused_by_name(tmp_path, name):
    with pytest.raises(Refused) as refused:
        bootstrap(settings(tmp_path, **{**S3, name: ""}))
    assert name in refused.value.sentence("zh")
    assert "hush-hush" not in str(refused.value)


def test_the_keys_of_the_store_are_not_shown(tmp_path):
    made = settings(tmp_path, **S3)
    assert isinstance(bootstrap(made).store, S3Store)
    assert "hush-hush" not in repr(made)
    assert "writer" not in repr(made)
