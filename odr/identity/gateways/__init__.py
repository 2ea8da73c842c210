"""The ports of the identity room: short messages and card checks, one file per provider."""
