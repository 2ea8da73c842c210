"""Rows from before sealing are sealed, and keys from before halves get two; it knows no table by name."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from odr.identity import sealed


@dataclass(frozen=True, slots=True)
class Plain:
    """A row of which these columns stand open."""

    table: type[Any]
    id: UUID
    columns: tuple[str, ...]


def halve_keys(session: Session) -> int:
    """Keys that stand whole in their row are split in two; how many were. What they sealed stays as it is."""
    vault, count = sealed.house_vault(), 0
    for case in session.scalars(select(sealed.holder()).with_for_update()):
        if case.data_key is not None and vault.is_whole(case.data_key):
            case.data_key = vault.halved(case.data_key, case.id)
            count += 1
    return count


def plain_rows(session: Session) -> list[Plain]:
    """All rows with words that stand open in sealed columns, whether or not their case has a key."""
    return [
        Plain(table, row["id"], open_ones)
        for table, columns in sealed.tables()
        for row in session.execute(_raw(table, columns)).mappings()
        if (open_ones := tuple(name for name in columns if _open(row[name])))
    ]


def seal(session: Session, rows: Sequence[Plain]) -> int:
    """Write these rows again; how many of them are sealed now. A case without a key stays open."""
    count = 0
    for one in rows:
        row = session.get(one.table, one.id)
        if row is not None and sealed.has_key(session, row):
            for name in one.columns:
                flag_modified(row, name)
            count += 1
    session.flush()
    return count


def _raw(table: type[Any], columns: Sequence[str]) -> Any:  # noqa: ANN401 -- a select of some columns
    found = table.__table__.c
    return select(found.id, *(found[name] for name in columns))


def _open(value: object) -> bool:
    return bool(value) and not sealed.is_sealed(value)
