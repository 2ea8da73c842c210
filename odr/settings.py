"""How this installation is set up, read once; it does not know what is done with it.

Every value comes from ``ODR_<NAME>``; a secret may come from the file named by ``ODR_<NAME>_FILE``.
Secrets that nobody gave are made at the first start in ``<data>/secrets`` (mode 0600).
"""

import os
import secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from odr.errors import Refused


class Secret(str):
    """A text that must not be seen: ``repr`` shows three stars."""

    __slots__ = ()

    def __repr__(self) -> str:
        """Three stars, so that no log shows it."""
        return "***"


@dataclass(frozen=True)
class Settings:
    """One installation. ``environment`` is production, development, demo or test."""

    data: Path
    database_url: str
    environment: str = "development"
    host: str = "127.0.0.1"
    port: int = 8000
    public_url: str = "http://127.0.0.1:8000"
    media_host: str = "127.0.0.1"
    media_ports: tuple[int, int] = (50000, 59999)
    media_public: str = ""
    media_engine: str = ""
    metrics_port: int = 0
    media_nodes: int = 1
    court: str = "瓯海区人民法院"
    organisation: str = "瓯海区矛盾纠纷多元化解中心"
    helpline: str = "12368"
    sms: str = "console"
    store: str = "folder"
    store_path: Path = Path("store")
    s3_endpoint: str = ""
    s3_bucket: str = ""
    s3_region: str = "us-east-1"
    s3_access_key: Secret = field(default=Secret(""), repr=False)
    s3_secret_key: Secret = field(default=Secret(""), repr=False)
    retention_days: int = 3650
    tsa_url: str = ""
    tsa_roots: Path | None = None
    tsa_login: Secret = field(default=Secret(""), repr=False)
    pkcs11_module: str = ""
    pkcs11_token: str = ""
    pkcs11_pin: Secret = field(default=Secret(""), repr=False)
    keys_passphrase: Secret = field(default=Secret(""), repr=False)
    sm2: str = ""
    disk_reserve_mb: int = 512
    trusted_proxies: int = 0
    service_secret: Secret = field(default=Secret(""), repr=False)
    vault_key: Secret = field(default=Secret(""), repr=False)
    pepper: Secret = field(default=Secret(""), repr=False)
    case_keys: Path | None = None

    @property
    def secrets_dir(self) -> Path:
        """Where keys are kept, mode 0700."""
        return self.data / "secrets"

    @property
    def case_keys_dir(self) -> Path:
        """Where one half of the key of each case lies: never in the same backup as the database."""
        return self.case_keys or self.data / "case-keys"

    @property
    def recordings_dir(self) -> Path:
        """Where the media process writes the films, one folder per room."""
        return self.data / "recordings"

    @property
    def files_dir(self) -> Path:
        """Where agreements, evidence and snapshots are kept."""
        return self.data / "files"

    @property
    def production(self) -> bool:
        """Whether real people use it: simulated providers then refuse to start."""
        return self.environment == "production"

    @classmethod
    def from_env(cls, env: Mapping[str, str] | None = None) -> "Settings":
        """Read the environment; Refused names the value that cannot be used."""
        env = os.environ if env is None else env
        data = Path(env.get("ODR_DATA", "data")).resolve()
        port = _integer(env, "PORT", 8000)
        host = env.get("ODR_HOST", "127.0.0.1")
        low, _, high = env.get("ODR_MEDIA_PORTS", "50000-59999").partition("-")
        private_folder(data)
        return cls(
            data=data,
            database_url=env.get("ODR_DATABASE_URL", f"sqlite:///{data / 'odr.sqlite3'}"),
            environment=env.get("ODR_ENVIRONMENT", "development"),
            host=host,
            port=port,
            public_url=env.get("ODR_PUBLIC_URL", f"http://{host}:{port}"),
            media_host=env.get("ODR_MEDIA_HOST", "127.0.0.1"),
            media_ports=(int(low), int(high)),
            media_public=env.get("ODR_MEDIA_PUBLIC", ""),
            media_nodes=_integer(env, "MEDIA_NODES", 1),
            metrics_port=_integer(env, "METRICS_PORT", 0),
            media_engine=env.get("ODR_MEDIA_ENGINE", ""),
            court=env.get("ODR_COURT", cls.court),
            organisation=env.get("ODR_ORGANISATION", cls.organisation),
            helpline=env.get("ODR_HELPLINE", cls.helpline),
            sms=env.get("ODR_SMS", "console"),
            store=env.get("ODR_STORE", "folder"),
            store_path=Path(env.get("ODR_STORE_PATH", str(data / "court-store"))).resolve(),
            s3_endpoint=env.get("ODR_S3_ENDPOINT", ""),
            s3_bucket=env.get("ODR_S3_BUCKET", ""),
            s3_region=env.get("ODR_S3_REGION", cls.s3_region),
            s3_access_key=_given_secret(env, "S3_ACCESS_KEY"),
            s3_secret_key=_given_secret(env, "S3_SECRET_KEY"),
            retention_days=_integer(env, "RETENTION_DAYS", cls.retention_days),
            **_signing(env, data),
            disk_reserve_mb=_integer(env, "DISK_RESERVE_MB", cls.disk_reserve_mb),
            trusted_proxies=_integer(env, "TRUSTED_PROXIES", 0),
            **_sealing(env, data),
        )


def _sealing(env: Mapping[str, str], data: Path) -> dict[str, Any]:
    """What tickets are signed with, and what seals words and numbers."""
    return {
        "service_secret": _secret(env, data, "SERVICE_SECRET"),
        "vault_key": _secret(env, data, "VAULT_KEY"),
        "pepper": _secret(env, data, "PEPPER"),
        "case_keys": Path(env.get("ODR_CASE_KEYS", str(data / "case-keys"))).resolve(),
    }


def _signing(env: Mapping[str, str], data: Path) -> dict[str, Any]:
    """Where the keys of the papers are, and who stamps them."""
    return {
        "tsa_url": env.get("ODR_TSA_URL", ""),
        "tsa_roots": Path(env["ODR_TSA_ROOTS"]) if env.get("ODR_TSA_ROOTS") else None,
        "tsa_login": _given_secret(env, "TSA_LOGIN"),
        "pkcs11_module": env.get("ODR_PKCS11_MODULE", ""),
        "pkcs11_token": env.get("ODR_PKCS11_TOKEN", ""),
        "pkcs11_pin": _given_secret(env, "PKCS11_PIN"),
        "sm2": env.get("ODR_SM2", ""),
        "keys_passphrase": _secret(env, data, "KEYS_PASSPHRASE"),
    }


def private_folder(path: Path) -> Path:
    """Make a folder that only its owner enters."""
    path.mkdir(parents=True, exist_ok=True)
    path.chmod(0o700)
    return path


def private_file(path: Path, content: bytes) -> None:
    """Write a file that only its owner reads, whole or not at all; an existing one is never overwritten."""
    private_folder(path.parent)
    part = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.link(
            part, path
        )  # FileExistsError when somebody was faster; readers never see half of it
    finally:
        part.unlink()


def _integer(env: Mapping[str, str], name: str, default: int) -> int:
    text = env.get(f"ODR_{name}", str(default))
    if not text.isdecimal():
        raise Refused("settings.not-a-number", name=f"ODR_{name}", text=text)
    return int(text)


def _given_secret(env: Mapping[str, str], name: str) -> Secret:
    if file := env.get(f"ODR_{name}_FILE"):
        return Secret(Path(file).read_text("utf-8").strip())
    return Secret(env.get(f"ODR_{name}", ""))


def _secret(env: Mapping[str, str], data: Path, name: str) -> Secret:
    if given := _given_secret(env, name):
        return given
    return made_secret(data / "secrets", name.lower())


def made_secret(folder: Path, name: str) -> Secret:
    """The secret of that name, made at the first start when nobody gave one."""
    path = folder / name
    if not path.exists():
        with suppress(FileExistsError):  # another process of the same start was faster
            private_file(path, secrets.token_hex(32).encode())
    return Secret(path.read_text("utf-8").strip())
