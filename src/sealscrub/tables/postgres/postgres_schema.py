"""The declarations of a schema, made again in another one."""

# ruff: noqa: S608 - queries made of parts in this file, and quoted names

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sealscrub.errors import ConfigError

from ..database.database_source import TableName, quoted

__all__ = ["SchemaCopy"]

_OF_TABLES = "c.relnamespace = %(schema)s::regnamespace AND c.relname = ANY(%(tables)s)"
# names of the schema itself are shown bare while it is on the search path, and found in the new one afterwards
_CONSTRAINTS = f"""
SELECT c.relname, k.conname, pg_get_constraintdef(k.oid), k.contype::text, f.relnamespace = c.relnamespace, f.relname
FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
LEFT JOIN pg_class f ON f.oid = k.confrelid AND k.contype = 'f'
WHERE {_OF_TABLES} AND k.contype IN ('p', 'u', 'x', 'f') ORDER BY k.contype = 'f', c.relname, k.conname
"""
_INDEXES = f"""
SELECT pg_get_indexdef(i.indexrelid, 0, true)
FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid JOIN pg_class x ON x.oid = i.indexrelid
WHERE {_OF_TABLES} AND NOT EXISTS (
    SELECT FROM pg_constraint k WHERE k.conindid = i.indexrelid AND k.contype IN ('p', 'u', 'x'))
ORDER BY c.relname, x.relname
"""
_SEQUENCES = f"""
SELECT DISTINCT q.relname, c.relname, a.attname, pg_get_expr(ad.adbin, ad.adrelid), format_type(s.seqtypid, NULL),
       s.seqstart, s.seqincrement, s.seqmax, s.seqmin, s.seqcache, s.seqcycle
FROM pg_attrdef ad JOIN pg_class c ON c.oid = ad.adrelid
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = ad.adnum
JOIN pg_depend d ON d.classid = 'pg_attrdef'::regclass AND d.objid = ad.oid AND d.refclassid = 'pg_class'::regclass
JOIN pg_class q ON q.oid = d.refobjid AND q.relkind = 'S' AND q.relnamespace = c.relnamespace
JOIN pg_sequence s ON s.seqrelid = q.oid WHERE {_OF_TABLES} ORDER BY 1, 2, 3
"""
_IDENTITIES = f"""
SELECT c.relname, a.attname, s.seqincrement FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
JOIN pg_depend d ON d.refclassid = 'pg_class'::regclass AND d.refobjid = c.oid AND d.refobjsubid = a.attnum
     AND d.deptype = 'i' AND d.classid = 'pg_class'::regclass
JOIN pg_sequence s ON s.seqrelid = d.objid WHERE {_OF_TABLES} AND a.attidentity <> '' ORDER BY 1, 2
"""
_VIEWS = """
SELECT c.relname, c.relkind::text, pg_get_viewdef(c.oid), array_to_string(c.reloptions, ', ')
FROM pg_class c WHERE c.relnamespace = %(schema)s::regnamespace AND c.relkind IN ('v', 'm') ORDER BY c.oid
"""
_TRIGGERS = f"""
SELECT t.tgname, pg_get_triggerdef(t.oid, true) FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
WHERE {_OF_TABLES} AND NOT t.tgisinternal ORDER BY c.relname, t.tgname
"""
_COMMENTS = f"SELECT c.relname, obj_description(c.oid, 'pg_class') FROM pg_class c WHERE {_OF_TABLES} ORDER BY 1"
_GRANTS = f"""
SELECT format('%%I', c.relname), NULL, a.privilege_type, r.rolname, a.is_grantable
FROM pg_class c CROSS JOIN aclexplode(c.relacl) a LEFT JOIN pg_roles r ON r.oid = a.grantee WHERE {_OF_TABLES}
UNION ALL SELECT format('%%I', c.relname), t.attname, a.privilege_type, r.rolname, a.is_grantable
FROM pg_class c JOIN pg_attribute t ON t.attrelid = c.oid CROSS JOIN aclexplode(t.attacl) a
LEFT JOIN pg_roles r ON r.oid = a.grantee WHERE {_OF_TABLES}
UNION ALL SELECT NULL, NULL, a.privilege_type, r.rolname, a.is_grantable
FROM pg_namespace n CROSS JOIN aclexplode(n.nspacl) a LEFT JOIN pg_roles r ON r.oid = a.grantee
WHERE n.oid = %(schema)s::regnamespace ORDER BY 1, 2, 3, 4
"""
_LEFT_OBJECTS = """
SELECT CASE WHEN c.relkind = 'S' THEN 'sequence ' WHEN c.relkind IN ('v', 'm') THEN 'view ' ELSE 'table ' END
    || c.relname
FROM pg_class c WHERE c.relnamespace = %(schema)s::regnamespace AND c.relkind IN ('r', 'p', 'f', 'v', 'm', 'S')
AND NOT EXISTS (SELECT FROM pg_class o WHERE o.relnamespace = %(new)s::regnamespace AND o.relname = c.relname)
AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'i')
UNION SELECT 'function ' || p.proname FROM pg_proc p WHERE p.pronamespace = %(schema)s::regnamespace
UNION SELECT 'type ' || t.typname FROM pg_type t
WHERE t.typnamespace = %(schema)s::regnamespace AND t.typtype IN ('e', 'd', 'r')
"""
# anything of the new schema that needs a table, a type or a function of the earlier one
_TIED_OBJECTS = """
WITH ours AS (
    SELECT 'pg_class'::regclass AS kind, oid, relname::text AS name FROM pg_class
    WHERE relnamespace = %(new)s::regnamespace
    UNION SELECT 'pg_attrdef'::regclass, d.oid, c.relname FROM pg_attrdef d JOIN pg_class c ON c.oid = d.adrelid
    WHERE c.relnamespace = %(new)s::regnamespace
    UNION SELECT 'pg_constraint'::regclass, oid, conname FROM pg_constraint WHERE connamespace = %(new)s::regnamespace
    UNION SELECT 'pg_rewrite'::regclass, r.oid, c.relname FROM pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class
    WHERE c.relnamespace = %(new)s::regnamespace
    UNION SELECT 'pg_trigger'::regclass, t.oid, t.tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
    WHERE c.relnamespace = %(new)s::regnamespace)
SELECT DISTINCT o.name FROM ours o JOIN pg_depend d ON d.classid = o.kind AND d.objid = o.oid WHERE
    (d.refclassid = 'pg_class'::regclass
     AND d.refobjid IN (SELECT oid FROM pg_class WHERE relnamespace = %(schema)s::regnamespace))
    OR (d.refclassid = 'pg_type'::regclass
     AND d.refobjid IN (SELECT oid FROM pg_type WHERE typnamespace = %(schema)s::regnamespace))
    OR (d.refclassid = 'pg_proc'::regclass
     AND d.refobjid IN (SELECT oid FROM pg_proc WHERE pronamespace = %(schema)s::regnamespace)) ORDER BY 1
"""


class SchemaCopy:
    """Tables of a schema made again, empty, in a new one; and what comes once they are filled.

    Parameters
    ----------
    connection : psycopg.Connection
        In a transaction.
    schema, schema_new : str
        The earlier schema and the new one, which does not exist yet.
    tables : sequence of str
        Names of the tables.
    commented : collection of str
        Those of which the comments are copied.
    """

    def __init__(
        self, connection: Any, schema: str, schema_new: str, tables: Sequence[str], commented: Collection[str]
    ) -> None:
        self.commented = commented
        self.connection = connection
        self.schema = schema
        self.schema_new = schema_new
        self.tables = list(tables)
        self.notes: list[str] = []
        self._failed: list[str] = []

    def create(self) -> None:
        """Make the schema, and in it the tables without their keys, indexes and foreign keys."""
        for table, _, _, kind, inside, referenced in self._fetch_declared(_CONSTRAINTS):
            if kind == "f" and inside and referenced not in self.tables:
                raise ConfigError(
                    f"the table refers to {referenced}, which the plan does not name",
                    where=str(TableName(self.schema, table)),
                    hint="add it to the plan.",
                )
        self.connection.execute(f"CREATE SCHEMA {quoted(self.schema_new)}")
        for table in self.tables:
            but = "" if table in self.commented else " EXCLUDING COMMENTS"
            self.connection.execute(
                f"CREATE TABLE {self._new(table)} (LIKE {self._old(table)} INCLUDING ALL EXCLUDING INDEXES{but})"
            )

    def finish(self) -> None:
        """Make keys, indexes, sequences, foreign keys, views, triggers, comments and grants.

        Raises
        ------
        ConfigError
            When a table needs a type or a function of the earlier schema, with which it would be removed.
        """
        constraints, indexes = self._fetch_declared(_CONSTRAINTS), self._fetch_declared(_INDEXES)
        views, triggers, sequences = (self._fetch_declared(query) for query in (_VIEWS, _TRIGGERS, _SEQUENCES))
        identities, grants = self._fetch_declared(_IDENTITIES), self._fetch_declared(_GRANTS)
        self._path(self.schema_new)
        for table, name, text, *_ in constraints:
            self.connection.execute(f"ALTER TABLE {self._new(table)} ADD CONSTRAINT {quoted(name)} {text}")
        self._sequences(sequences)
        for table, column, step in identities:
            place = self.connection.execute("SELECT pg_get_serial_sequence(%s, %s)", [self._new(table), column])
            self._go_on(place.fetchone()[0], [(table, column)], step)
        self._views(views)
        for (text,) in indexes:
            self._attempt(text, "index")
        for name, text in triggers:
            self._attempt(text, f"trigger {name}")
        for table, comment in self._fetch_declared(_COMMENTS):
            if comment is not None and table in self.commented:
                self._literally(f"COMMENT ON TABLE {self._new(table)} IS", comment)
        for grant in grants:
            self._grant(*grant)
        self._path("pg_catalog")
        tied = [row[0] for row in self.connection.execute(_TIED_OBJECTS, self._names).fetchall()]
        if tied:
            raise ConfigError(
                f"a type or a function of the schema itself is needed by {', '.join(tied)}",
                where=self.schema,
                hint="move it to another schema: ALTER TYPE … SET SCHEMA …",
            )

    def left_out(self) -> tuple[str, ...]:
        """List what the earlier schema holds and the new one does not."""
        found = self.connection.execute(_LEFT_OBJECTS, self._names).fetchall()
        return tuple(sorted({row[0] for row in found} | {name for name in self._failed if name != "index"}))

    @property
    def _names(self) -> dict[str, object]:
        return {"schema": quoted(self.schema), "new": quoted(self.schema_new), "tables": self.tables}

    def _fetch_declared(self, query: str) -> list[tuple[Any, ...]]:
        self._path(self.schema)
        found = list(self.connection.execute(query, self._names).fetchall())
        self._path("pg_catalog")
        return found

    def _path(self, schema: str) -> None:
        self.connection.execute("SELECT pg_catalog.set_config('search_path', %s, true)", [quoted(schema)])

    def _old(self, table: str) -> str:
        return TableName(self.schema, table).sql

    def _new(self, table: str) -> str:
        return TableName(self.schema_new, table).sql

    def _sequences(self, found: list[tuple[Any, ...]]) -> None:
        """Make the sequences that feed columns, and let the columns' defaults ask them."""
        columns: dict[str, list[tuple[str, str]]] = {}
        for name, table, column, default, kind, start, step, most, least, cache, cycle in found:
            if name not in columns:
                self.connection.execute(
                    f"CREATE SEQUENCE {self._new(name)} AS {kind} INCREMENT {step} MINVALUE {least} MAXVALUE {most} "
                    f"START {start} CACHE {cache} {'CYCLE' if cycle else 'NO CYCLE'} "
                    f"OWNED BY {self._new(table)}.{quoted(column)}"
                )
            columns.setdefault(name, []).append((table, column))
            self.connection.execute(f"ALTER TABLE {self._new(table)} ALTER {quoted(column)} SET DEFAULT {default}")
        steps = {row[0]: row[6] for row in found}
        for name, fed in columns.items():
            self._go_on(self._new(name), fed, steps[name])

    def _go_on(self, sequence: str, fed: list[tuple[str, str]], step: int) -> None:
        """Let a sequence continue after the last number that is left; its position reveals rows that were removed."""
        last = "max" if step > 0 else "min"
        parts = " UNION ALL ".join(f"SELECT {quoted(column)} AS n FROM {self._new(table)}" for table, column in fed)
        self.connection.execute(
            f"SELECT setval('{sequence.replace(chr(39), chr(39) * 2)}', last) "
            f"FROM (SELECT {last}(n)::bigint AS last FROM ({parts}) f) g WHERE last IS NOT NULL"
        )
        self.notes.append(f"the sequence of {fed[0][0]}.{fed[0][1]} continues after the last number left")

    def _views(self, views: list[tuple[Any, ...]]) -> None:
        waiting, before = list(views), -1
        while waiting and len(waiting) != before:
            before = len(waiting)
            waiting = [view for view in waiting if not self._try(self._view(*view))]
        self._failed += [f"view {view[0]}" for view in waiting]

    def _view(self, name: str, kind: str, text: str, options: str | None) -> str:
        what = "MATERIALIZED VIEW" if kind == "m" else "VIEW"
        return f"CREATE {what} {self._new(name)} {f'WITH ({options}) ' if options else ''}AS {text}"

    def _attempt(self, statement: str, name: str) -> None:
        if not self._try(statement):
            self._failed.append(name)

    def _try(self, statement: str) -> bool:
        """Run a statement that may name what the new schema does not have."""
        import psycopg

        missing = (psycopg.errors.UndefinedTable, psycopg.errors.UndefinedFunction, psycopg.errors.UndefinedObject)
        try:
            with self.connection.transaction():
                self.connection.execute(statement)
        except missing:
            return False
        return True

    def _literally(self, statement: str, text: str) -> None:
        found = self.connection.execute("SELECT quote_literal(%s)", [text]).fetchone()
        self.connection.execute(f"{statement} {found[0]}")

    def _grant(self, table: str | None, column: str | None, privilege: str, role: str | None, again: bool) -> None:
        on = f"SCHEMA {quoted(self.schema_new)}" if table is None else f"TABLE {quoted(self.schema_new)}.{table}"
        columns = f" ({quoted(column)})" if column is not None else ""
        to = "PUBLIC" if role is None else quoted(role)
        grantable = " WITH GRANT OPTION" if again else ""
        self.connection.execute(f"GRANT {privilege}{columns} ON {on} TO {to}{grantable}")
