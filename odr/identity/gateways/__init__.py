"""The ways outside that prove identities: text messages and card registries; ports, not providers."""

from enum import StrEnum
from typing import Protocol


class CardAnswer(StrEnum):
    """What a registry says of a name and a number."""

    UNAVAILABLE = "unavailable"
    MATCH = "match"
    MISMATCH = "mismatch"


class Sms(Protocol):
    """Sends text messages; raises Unavailable when the network does not take them."""

    def send(self, phone: str, text: str) -> None:
        """Send one text to one mobile number."""


class CardRegistry(Protocol):
    """Compares a name with a number at an authority."""

    def check(self, name: str, number: str) -> CardAnswer:
        """Whether they belong together; UNAVAILABLE is a regular answer."""
