"""The card registry of an installation that has none: it says so; it compares nothing."""

from odr.identity.gateways import CardAnswer


class NoCardRegistry:
    """Always unavailable: the mediator's live confirmation decides."""

    def check(self, name: str, number: str) -> CardAnswer:  # noqa: ARG002 -- the port's shape
        """UNAVAILABLE, whatever is asked."""
        return CardAnswer.UNAVAILABLE
