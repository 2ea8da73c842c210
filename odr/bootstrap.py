"""The five doors to the outside, chosen by the settings; it does not know who walks through them."""

from dataclasses import dataclass

from odr.archive.folder import FolderStore
from odr.archive.store import CourtStore
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
    """Open the gateways; Refused when a simulated one is asked for in production."""
    return Gateways(
        sms=ConsoleSms(settings.data, production=settings.production),
        cards=NoCardRegistry(),
        authority=Authority.load(settings.secrets_dir, settings.organisation),
        store=FolderStore(settings.store_path),
        keys=Keys.load(settings.secrets_dir),
        vault=Vault(settings.vault_key, settings.pepper),
    )
