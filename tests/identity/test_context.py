from odr.identity.otp import STRICT


def test_limits_are_strict_unless_somebody_relaxes_them(ctx):
    assert ctx.limits == STRICT
