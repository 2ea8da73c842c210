"""The optional SM2/SM3 counter-signature of the archive's manifest; it does not know what the manifest lists.

It is made by the machine's ``openssl`` (3.0 or newer), whose SM2 is kept up with the system, under a key of its
own. It is offered beside the ordinary signature and claims no compliance with GM/T.
"""

import os
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from odr.errors import Refused, Unavailable
from odr.settings import private_file
from odr.settlement.keyring import alone
from odr.settlement.sm2 import SIGNER_ID, verify

LABEL = "SM2/SM3 counter-signature, no claim of GM/T compliance"
SECONDS = 20
NEW = ["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:SM2", "-aes-256-cbc"]
SIGN = ["pkeyutl", "-sign", "-rawin", "-digest", "sm3", "-pkeyopt", f"distid:{SIGNER_ID.decode()}"]


@dataclass(frozen=True)
class CounterKey:
    """An SM2 key in ``folder``, PKCS#8 under ``passphrase``, made when it is first asked for."""

    folder: Path
    passphrase: str = field(repr=False)

    def public_pem(self) -> bytes:
        """The public half, SubjectPublicKeyInfo."""
        return self._openssl(["pkey", "-pubout", "-in", str(self._key())], "-passin")

    def sign(self, data: bytes) -> bytes:
        """A DER signature over ``data``, checked by the other implementation before it is given out."""
        command = [*SIGN, "-inkey", str(self._key())]
        signature = self._openssl(command, "-passin", data)
        if not verify(self.public_pem(), data, signature):
            raise Unavailable("settlement.sm2-away", why="other answer")
        return signature

    def _key(self) -> Path:
        path = self.folder / "sm2.key.pem"
        with alone(self.folder):
            if not path.exists():
                private_file(path, self._openssl(NEW, "-pass"))
        return path

    def _openssl(self, command: list[str], how: str, data: bytes = b"") -> bytes:
        """Run it; the passphrase goes through a pipe, never through arguments or the environment."""
        reading, writing = os.pipe()
        try:
            os.write(writing, self.passphrase.encode() + b"\n")
            os.close(writing)
            done = subprocess.run(  # noqa: S603 -- our own arguments only
                ["openssl", *command, how, f"fd:{reading}"],  # noqa: S607 -- the system's own
                input=data,
                pass_fds=(reading,),
                capture_output=True,
                timeout=SECONDS,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise Unavailable("settlement.sm2-away", why=type(error).__name__) from error
        finally:
            os.close(reading)
        if b"ad decrypt" in done.stderr or b"maybe wrong password" in done.stderr:
            raise Refused("settlement.keys-passphrase", name="sm2.key.pem")
        if done.returncode != 0 or not done.stdout:
            raise Unavailable("settlement.sm2-away", why=done.returncode)
        return done.stdout
