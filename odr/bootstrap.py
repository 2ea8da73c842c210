"""The five doors to the outside, chosen by the settings; it does not know who walks through them."""

from dataclasses import dataclass

from odr.archive.folder import FolderStore
from odr.archive.s3 import S3Store
from odr.archive.s3_client import Bucket
from odr.archive.store import CourtStore
from odr.errors import Refused
from odr.identity.gateways import CardRegistry, Sms
from odr.identity.gateways.card_none import NoCardRegistry
from odr.identity.gateways.sms_console import ConsoleSms
from odr.identity.tokens import Keys
from odr.identity.vault import Vault
from odr.settings import Settings, made_secret
from odr.settlement.authority import FOLDER, Authority
from odr.settlement.countersign import CounterKey
from odr.settlement.keyring import PASSPHRASE, FileKeys, KeyStore
from odr.settlement.timestamps import OutsideTsa
from odr.settlement.token_keys import Token, TokenKeys


@dataclass(frozen=True)
class Gateways:
    """All that this installation needs from outside, opened once at the start."""

    sms: Sms
    cards: CardRegistry
    authority: Authority
    store: CourtStore
    keys: Keys
    vault: Vault


def bootstrap(settings: Settings) -> Gateways:
    """Open the gateways; Refused for a provider that is unknown here, or simulated in production."""
    _require("ODR_SMS", settings.sms, "console")
    return Gateways(
        sms=ConsoleSms(settings.data, production=settings.production),
        cards=NoCardRegistry(),
        authority=open_authority(settings),
        store=open_store(settings),
        keys=Keys.load(settings.secrets_dir),
        vault=Vault.of(settings),
    )


def open_authority(settings: Settings) -> Authority:
    """The keys of the papers, in files or in a token, and who stamps; Refused when half described."""
    _require("ODR_SM2", settings.sm2, "", "on")
    tsa, counter = None, None
    if settings.tsa_url:
        tsa = OutsideTsa.from_settings(settings.tsa_url, settings.tsa_roots, settings.tsa_login)
    if settings.sm2:
        counter = CounterKey(settings.secrets_dir / FOLDER, _passphrase(settings))
    return Authority.load(
        settings.secrets_dir, settings.organisation, _keys(settings), tsa, counter
    )


def _passphrase(settings: Settings) -> str:
    return settings.keys_passphrase or made_secret(settings.secrets_dir, PASSPHRASE)


def _keys(settings: Settings) -> KeyStore:
    folder = settings.secrets_dir / FOLDER
    if not settings.pkcs11_module:
        return FileKeys(folder, _passphrase(settings))
    given = {"ODR_PKCS11_TOKEN": settings.pkcs11_token, "ODR_PKCS11_PIN": settings.pkcs11_pin}
    if missing := [name for name, value in given.items() if not value]:
        raise Refused("settings.token-incomplete", names=" ".join(missing))
    token = Token(settings.pkcs11_module, settings.pkcs11_token, settings.pkcs11_pin)
    return TokenKeys(token, folder)


def open_store(settings: Settings) -> CourtStore:
    """The court's store alone; Refused when it is unknown here or only half described."""
    if settings.store == "s3":
        given = {
            "ODR_S3_ENDPOINT": settings.s3_endpoint,
            "ODR_S3_BUCKET": settings.s3_bucket,
            "ODR_S3_ACCESS_KEY": settings.s3_access_key,
            "ODR_S3_SECRET_KEY": settings.s3_secret_key,
        }
        if missing := [name for name, value in given.items() if not value]:
            raise Refused("settings.store-incomplete", names=" ".join(missing))
        return S3Store(
            Bucket(
                endpoint=settings.s3_endpoint,
                name=settings.s3_bucket,
                region=settings.s3_region,
                access_key=settings.s3_access_key,
                secret_key=settings.s3_secret_key,
            )
        )
    _require("ODR_STORE", settings.store, "folder", "s3")
    return FolderStore(settings.store_path)


def _require(name: str, value: str, *known: str) -> None:
    """A setting that nobody obeys must not look as if it were obeyed."""
    if value not in known:
        names = " · ".join(known) or "–"
        raise Refused("settings.unknown-provider", name=name, value=value, known=names)
