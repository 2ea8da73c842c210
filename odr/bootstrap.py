"""The five doors to the outside, chosen by the settings; it does not know who walks through them."""

from dataclasses import dataclass

from odr.archive.folder import FolderStore
from odr.archive.store import CourtStore
from odr.errors import Refused
from odr.identity.gateways import CardRegistry, Sms
from odr.identity.gateways.card_none import NoCardRegistry
from odr.identity.gateways.sms_console import ConsoleSms
from odr.identity.tokens import Keys
from odr.identity.vault import Vault
from odr.settings import Settings
from odr.settlement.authority import Authority


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
    _require("ODR_STORE", settings.store, "folder")
    _require("ODR_TSA_URL", settings.tsa_url, "")
    return Gateways(
        sms=ConsoleSms(settings.data, production=settings.production),
        cards=NoCardRegistry(),
        authority=Authority.load(settings.secrets_dir, settings.organisation),
        store=FolderStore(settings.store_path),
        keys=Keys.load(settings.secrets_dir),
        vault=Vault(settings.vault_key, settings.pepper),
    )


def _require(name: str, value: str, known: str) -> None:
    """A setting that nobody obeys must not look as if it were obeyed."""
    if value != known:
        raise Refused("settings.unknown-provider", name=name, value=value, known=known or "–")
