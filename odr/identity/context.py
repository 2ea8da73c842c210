"""What the identity room needs to work, in one hand; it does not know who brings it."""

from dataclasses import dataclass
from datetime import datetime

from odr.identity.gateways import CardRegistry, Sms
from odr.identity.otp import STRICT, Limits
from odr.identity.tokens import Keys
from odr.identity.vault import Vault


@dataclass(frozen=True)
class Ctx:
    """The vault, the ways outside, the moment of this request and the limits that hold."""

    vault: Vault
    sms: Sms
    cards: CardRegistry
    keys: Keys
    now: datetime
    production: bool
    limits: Limits = STRICT
