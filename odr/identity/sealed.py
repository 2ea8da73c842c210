"""Words about people are sealed in their rows and open when a row is loaded; it knows no table.

A row of a case is sealed with the key of that case, any other with that of the installation. What is
authenticated names table, column and row, so a value that is moved elsewhere does not open. Whoever has
the database or a backup of it reads nothing; when the key of a case is destroyed, nobody does. Rows
whose case has no key (any more), and those written before, stand as they are.
"""

import base64
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Connection, event, select
from sqlalchemy.orm import Mapper, Session, object_session
from sqlalchemy.orm.attributes import get_history, set_committed_value

from odr.db import installation
from odr.identity.vault import CaseVault, KeyGone, Vault
from odr.settings import Settings

MARK = "\x1esealed:"  # a control character: nobody types it
Row = Any  # of whichever table
_PLAIN = "_sealed_plain"
_KEYS, _CASES, _VAULTS = "sealed-keys", "sealed-cases", "sealed-vaults"


@dataclass(frozen=True, slots=True)
class Where:
    """How a row finds its case: ``column`` holds the case, or a row of ``parent`` that has a ``case_id``."""

    column: str
    parent: type[Any] | None = None


@dataclass
class _Holder:
    """The table whose rows carry the wrapped keys, in ``data_key``."""

    table: type[Any] | None = None


_HOLDER = _Holder()


def holds_keys(table: type[Any]) -> None:
    """The rows of this table are the cases."""
    _HOLDER.table = table


def seals(table: type[Any], *columns: str, where: Where | None = None) -> None:
    """Seal these columns (text or JSON) of a table; without ``where`` with the installation's key."""
    sealing = _SEALINGS[table] = _Sealing(columns, where)
    event.listen(table, "load", sealing.opened)
    event.listen(table, "refresh", sealing.opened)
    for moment in ("insert", "update"):
        event.listen(table, f"before_{moment}", sealing.close)
        event.listen(table, f"after_{moment}", sealing.again)


def holder() -> type[Any]:
    """The table of the cases."""
    if _HOLDER.table is None:
        raise LookupError("no table has been named with holds_keys")
    return _HOLDER.table


def tables() -> list[tuple[type[Any], tuple[str, ...]]]:
    """Every table with sealed columns, and which they are."""
    return [(table, sealing.columns) for table, sealing in _SEALINGS.items()]


def has_key(session: Session, row: Row) -> bool:
    """Whether this row is sealed when it is written; KeyGone when its key was destroyed."""
    where = _SEALINGS[type(row)].where
    return _vault_of(session, session.connection(), row, where) is not None


@dataclass(frozen=True, slots=True)
class _Sealing:
    """What happens to the rows of one table."""

    columns: tuple[str, ...]
    where: Where | None

    def opened(self, row: Row, context: Row, names: Iterable[str] | None = None) -> None:
        """Loaded, or loaded again: ``names`` are then the columns that were."""
        wanted = self.columns if names is None else set(self.columns) & set(names)
        sealed = [name for name in wanted if is_sealed(row.__dict__.get(name))]
        if sealed:
            session = context.session
            try:
                vault = _vault_of(session, session.connection(), row, self.where)
            except KeyGone:  # a backup from before the key was destroyed
                vault = None
            for name in sealed:
                set_committed_value(row, name, _open(vault, row, name))

    def close(self, _mapper: Mapper[Any], connection: Connection, row: Row) -> None:
        """About to be written: what has changed goes in sealed."""
        row.id = row.id or uuid4()  # it is part of what is authenticated
        row.__dict__.pop(_PLAIN, None)  # of a write that failed
        changed = [name for name in self.columns if row.__dict__.get(name) and _changed(row, name)]
        session = object_session(row)
        vault = _vault_of(session, connection, row, self.where) if changed and session else None
        if vault is not None:
            row.__dict__[_PLAIN] = {name: row.__dict__[name] for name in changed}
            for name in changed:
                setattr(row, name, _seal(vault, row, name))

    def again(self, _mapper: Mapper[Any], _connection: Connection, row: Row) -> None:
        """Written: whoever holds the row goes on reading it."""
        for name, value in row.__dict__.pop(_PLAIN, {}).items():
            set_committed_value(row, name, value)


_SEALINGS: dict[type[Any], _Sealing] = {}


def is_sealed(value: object) -> bool:
    """Whether this stands sealed in a column."""
    if isinstance(value, Mapping):
        return MARK in value
    return isinstance(value, str) and value.startswith(MARK)


def _changed(row: Row, name: str) -> bool:
    return bool(get_history(row, name).has_changes())


def _context(row: Row, name: str) -> str:
    return f"{row.__tablename__}.{name}:{row.id}"


def _seal(vault: CaseVault | Vault, row: Row, name: str) -> object:
    plain = row.__dict__[name]
    text = plain if isinstance(plain, str) else json.dumps(plain, ensure_ascii=False)
    kept = base64.b64encode(vault.seal(text, context=_context(row, name))).decode()
    return f"{MARK}{kept}" if isinstance(plain, str) else {MARK: kept}


def _open(vault: CaseVault | Vault | None, row: Row, name: str) -> object:
    """What was sealed, or nothing when the key has been destroyed."""
    kept = row.__dict__[name]
    structured = isinstance(kept, Mapping)
    if vault is None:
        return {} if structured else ""
    data = base64.b64decode(kept[MARK] if structured else kept.removeprefix(MARK))
    text = vault.open(data, context=_context(row, name))
    return json.loads(text) if structured else text


def _vault_of(
    session: Session,
    connection: Connection,
    row: Row,
    where: Where | None,
) -> CaseVault | Vault | None:
    """What opens this row; None when its case has no key."""
    if where is None:
        return house_vault()
    case_id = _case_of(session, connection, row, where)
    wrapped = _wrapped(session, connection, row, case_id)
    if wrapped is None or case_id is None:
        return None
    known = session.info.setdefault(_VAULTS, {})
    if wrapped not in known:
        known[wrapped] = house_vault().of_case(wrapped, case_id)
    found: CaseVault = known[wrapped]
    return found


def house_vault() -> Vault:
    """The vault of the installation whose database is open."""
    return _vault(installation())


@lru_cache(maxsize=4)
def _vault(settings: Settings) -> Vault:
    return Vault.of(settings)


def _case_of(
    session: Session,
    connection: Connection,
    row: Row,
    where: Where,
) -> UUID | None:
    value: UUID | None = getattr(row, where.column)
    if where.parent is None or value is None:
        return value
    if (held := _held(session, where.parent, value)) is not None:
        named: UUID | None = held.case_id
        return named
    known = session.info.setdefault(_CASES, {})
    if known.get(value) is None:
        table = where.parent.__table__
        known[value] = connection.scalar(select(table.c.case_id).where(table.c.id == value))
    found: UUID | None = known[value]
    return found


def _wrapped(
    session: Session,
    connection: Connection,
    row: Row,
    case_id: UUID | None,
) -> bytes | None:
    """The key as the session knows it now: it may just have been made or destroyed."""
    holder = _HOLDER.table
    if holder is None or case_id is None:
        return None
    if isinstance(row, holder):
        return _own(row)
    if (held := _held(session, holder, case_id)) is not None:
        return _own(held)
    known = session.info.setdefault(_KEYS, {})
    if known.get(case_id) is None:
        table = holder.__table__
        known[case_id] = connection.scalar(select(table.c.data_key).where(table.c.id == case_id))
    found: bytes | None = known[case_id]
    return found


def _held(session: Session, table: type[Any], number: UUID) -> Row | None:
    """A row that the session has in hand, written or not."""
    found = session.identity_map.get(session.identity_key(table, number))
    if found is not None:
        return found
    return next((one for one in session.new if isinstance(one, table) and one.id == number), None)


def _own(row: Row) -> bytes | None:
    found: bytes | None = row.data_key
    return found
