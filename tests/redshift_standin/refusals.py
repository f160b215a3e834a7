"""What Redshift refuses, by kind. Each rule names the page of the Database Developer Guide that it is from."""

from __future__ import annotations

import re
from collections.abc import Callable

from sqlglot import exp
from sqlglot.tokens import Token, TokenType

# Functions that may stand before OVER (Window functions), and which of them take a frame or an order.
_RANKING = {"row_number", "rank", "dense_rank", "percent_rank", "cume_dist", "ntile", "lag", "lead"}
_PARTITION_ALONE = {"listagg", "median", "percentile_cont", "percentile_disc", "ratio_to_report"}
_FRAMED = set("avg count sum min max stddev stddev_samp stddev_pop variance var_samp var_pop first_value last_value nth_value".split())
# Columns that every table of PostgreSQL has (Unsupported PostgreSQL features).
_SYSTEM_COLUMNS = {"ctid", "xmin", "xmax", "cmin", "cmax", "tableoid"}
_MUTABLE = {"getdate", "sysdate", "random", "now", "current_timestamp", "current_date", "timeofday", "pg_backend_pid", "uuid"}
_AGGREGATES = {"count", "sum", "avg", "min", "max", "listagg", "median", "bool_or", "bool_and", "any_value", "stddev", "variance"}
# A key column may not be of these types (CREATE TABLE).
_NO_KEY = {"super", "varbyte", "varbinary", "binary", "geometry", "geography", "hllsketch"}

Refusal = tuple[str, str]


def refused_text(body: str, tokens: list[Token]) -> Refusal | None:
    """Why a statement is refused by its text, before anything is parsed: message and SQLSTATE; None where nothing is wrong.

    tokens: of the statement, placeholders as numbers.
    """
    texts = [token.text.lower() for token in tokens]
    bare = " ".join("''" if token.token_type == TokenType.STRING else token.text.lower() for token in tokens)
    ends = (None, TokenType.FROM, TokenType.WHERE, TokenType.R_PAREN, TokenType.GROUP_BY)
    for token, following in zip(tokens, [*(one.token_type for one in tokens[1:]), None], strict=True):
        if token.token_type == TokenType.COMMA and following in ends:
            return "syntax error: a comma with nothing behind it", "42601"
    if re.search(r"(?<![\w\"'$])[eE]'", _without_strings(body)):
        return "strings with escapes, E'', are not supported (Unsupported PostgreSQL features)", "42601"
    if texts[:1] == ["truncate"] and not re.match(r"(?is)truncate\s+(table\s+)?[\w.\"]+$", body):
        return "TRUNCATE takes one table and nothing else (TRUNCATE)", "42601"
    if re.match(r"(?is)alter\s+table\b", body) and (problem := _refused_alter(body)):
        return problem, "0A000"
    if re.match(r"(?is)create\s+(or\s+replace\s+)?(local\s+)?(temp|temporary|unlogged|global)?\s*table\b", body):
        return _refused_table(body, bare)
    if re.match(r"(?is)create\s+view\s+if\s+not\s+exists\b", body):
        return "CREATE VIEW takes no IF NOT EXISTS (CREATE VIEW)", "42601"
    return None


def _without_strings(sql: str) -> str:
    """A statement whose strings are empty, so that nothing in them is taken for a part of it."""
    return re.sub(r"'[^']*'", "''", sql)


def _refused_alter(body: str) -> str | None:
    """ALTER TABLE changes one thing at a time (ALTER TABLE)."""
    depth = 0
    for sign in _without_strings(body):
        depth += (sign == "(") - (sign == ")")
        if sign == "," and depth == 0:
            return "ALTER TABLE changes one column in a statement (ALTER TABLE)"
    low = " ".join(body.lower().split())
    if re.search(r"\badd (column )?if not exists\b(?! ?\()", low) and "partition" not in low:
        return "ADD COLUMN takes no IF NOT EXISTS (ALTER TABLE)"
    if re.search(r"\bdrop (column )?if exists\b", low):
        return "DROP COLUMN takes no IF EXISTS (ALTER TABLE)"
    if re.search(r"\badd (column )?\S+ .*\b(distkey|sortkey|unique|primary key|references|identity)\b", low):
        return "an added column cannot be a key or an IDENTITY (ALTER TABLE)"
    if re.search(r"\badd (column )?\S+ .*\bnot null\b", low) and " default " not in low:
        return "an added column that is NOT NULL needs a DEFAULT (ALTER TABLE)"
    return None


def _refused_table(body: str, bare: str) -> Refusal | None:
    """Attributes and columns of CREATE TABLE and CREATE TABLE AS."""
    if re.match(r"(?is)create\s+or\s+replace\b", body):
        return "CREATE OR REPLACE TABLE is not supported (CREATE TABLE)", "42601"
    head = re.split(r"(?is)\bas\s*(?=\(\s*select|\(\s*with|select\b|with\b)", bare, maxsplit=1)
    if len(head) > 1 and re.search(r"\bif not exists\b", head[0]):
        return "CREATE TABLE AS takes no IF NOT EXISTS (CREATE TABLE AS)", "42601"
    for word in ("unlogged", "inherits", "tablespace", "on commit", "partition by", "exclude using", "fillfactor", "deferrable"):
        if re.search(rf"\b{word}\b", head[0]):
            return f"{word.upper()} is not supported (Unsupported PostgreSQL features)", "0A000"
    columns = _columns(head[0])
    own_keys = [name for name, rest in columns.items() if re.search(r"\bdistkey\b(?! ?\()", rest)]
    named = re.findall(r"\bdistkey ?\( ?([^)]*?) ?\)", head[0])
    if len(re.findall(r"\bdistkey\b", head[0])) > 1:
        return "a table has one DISTKEY (CREATE TABLE)", "42601"
    if len(re.findall(r"\bsortkey\b", head[0])) > 1 and not all(re.search(r"\bsortkey\b", rest) for rest in list(columns.values())[:1]):
        return "a table has one SORTKEY (CREATE TABLE)", "42601"
    if len(re.findall(r"\bdiststyle\b", head[0])) > 1:
        return "a table has one DISTSTYLE (CREATE TABLE)", "42601"
    style = re.search(r"\bdiststyle (\w+)", head[0])
    if style and style[1] not in ("auto", "even", "all", "key"):
        return f"DISTSTYLE {style[1].upper()} is none of AUTO, EVEN, ALL and KEY (CREATE TABLE)", "42601"
    if style and style[1] == "key" and not (named or own_keys):
        return "DISTSTYLE KEY needs a DISTKEY (CREATE TABLE)", "42601"
    if style and style[1] != "key" and (named or own_keys):
        return f"DISTSTYLE {style[1].upper()} has no DISTKEY (CREATE TABLE)", "42601"
    keys = [("DISTKEY", name.strip(' "')) for name in ",".join(named).split(",") if name.strip()] + [("DISTKEY", name) for name in own_keys]
    if len(keys) > 1:
        return "a DISTKEY is one column (CREATE TABLE)", "42601"
    for kind, names in re.findall(r"(interleaved )?sortkey ?\( ?([^)]*?) ?\)", head[0]):
        listed = [name.strip(' "') for name in names.split(",") if name.strip()]
        if len(listed) > (8 if kind else 400):
            return f"a SORTKEY has at most {8 if kind else 400} columns (CREATE TABLE)", "54011"
        if len(set(listed)) != len(listed):
            return "a SORTKEY names a column twice (CREATE TABLE)", "42701"
        keys += [("SORTKEY", name) for name in listed]
    keys += [("SORTKEY", name) for name, rest in columns.items() if re.search(r"\bsortkey\b(?! ?\()", rest)]
    if columns and len(head) == 1:
        for kind, name in keys:
            if name not in columns:
                return f"{kind} names {name}, which is no column of the table (CREATE TABLE)", "42703"
            if columns[name].split()[0] in _NO_KEY:
                return f"a column of type {columns[name].split()[0]} cannot be a {kind} (CREATE TABLE)", "0A000"
    if len(columns) > 1600:
        return "a table has at most 1,600 columns (CREATE TABLE)", "54011"
    for name, rest in columns.items():
        if rest.split()[:1] == ["interval"] and not re.match(r"interval (year|month|day|hour|minute|second)\b", rest):
            return f"the column {name} is an INTERVAL without a qualifier (Interval data types)", "42601"
        if re.search(r"\bgenerated (always|by default) as (?!identity)|\bserial\b|\bbigserial\b", rest):
            return "generated columns and SERIAL are not supported, use IDENTITY (CREATE TABLE)", "0A000"
    return None


def _columns(head: str) -> dict[str, str]:
    """Columns of CREATE TABLE by name, each with what is said of it; none where there is no list of them."""
    match = re.match(r"create (?:local )?(?:temp |temporary )?table (?:if not exists )?[^(]*?\((.*)", head)
    if match is None or re.match(r"create (?:temp |temporary )?table [^(]*\b(distkey|sortkey|diststyle|backup)\b", head):
        return {}
    parts, depth, current = [], 0, ""
    for sign in match[1]:
        if sign == ")" and depth == 0:
            break
        depth += (sign == "(") - (sign == ")")
        if sign == "," and depth == 0:
            parts.append(current)
            current = ""
        else:
            current += sign
    words = [part.split(None, 1) for part in [*parts, current] if part.strip()]
    skipped = ("primary", "unique", "foreign", "constraint", "like", "check")
    return {part[0].strip('"'): part[1] for part in words if len(part) == 2 and part[0] not in skipped}


def refused_tree(tree: exp.Expression) -> Refusal | None:
    """Why a statement is refused by what it is made of: message and SQLSTATE; None where nothing is wrong."""
    for node in tree.walk():
        for rule in _RULES:
            problem = rule(node)
            if problem:
                return problem, "0A000"
    return None


def _window(node: exp.Expression) -> str | None:
    if isinstance(node, exp.Select) and node.args.get("windows"):
        return "the WINDOW clause is not supported (Window functions)"
    if not isinstance(node, exp.Window) or node.args.get("alias") is not None:
        return None
    called = node.this
    while isinstance(called, exp.IgnoreNulls | exp.RespectNulls | exp.WithinGroup):
        called = called.this
    name = (called.name if isinstance(called, exp.Anonymous) else called.sql_name()).lower()
    spec, order = node.args.get("spec"), node.args.get("order")
    if name not in _RANKING | _PARTITION_ALONE | _FRAMED:
        return f"{name.upper()} is no window function (Window functions)"
    if called.find(exp.Distinct):
        return f"DISTINCT is not supported in the window function {name.upper()} (Window functions)"
    if spec is not None and name in _RANKING | _PARTITION_ALONE:
        return f"{name.upper()} takes no frame clause (Window functions)"
    if order is not None and name in _PARTITION_ALONE:
        return f"{name.upper()} takes PARTITION BY alone in OVER (Window functions)"
    if spec is not None and str(spec.args.get("kind")).upper() != "ROWS":
        return f"{spec.args.get('kind')} frames are not supported, only ROWS (Window functions)"
    if spec is not None and spec.args.get("exclude"):
        return "a frame takes no EXCLUDE (Window functions)"
    if spec is not None and (problem := _frame(spec)):
        return problem
    if order is not None and spec is None and name in _FRAMED:
        return f"the window function {name.upper()} with ORDER BY needs a frame clause (Window functions)"
    if name in ("lag", "lead") and len(called.expressions) > 2:
        return f"{name.upper()} takes no default, only an offset (LAG window function)"
    if name in ("lag", "lead") and order is None:
        return f"{name.upper()} needs ORDER BY (LAG window function)"
    scope = node.find_ancestor(exp.Select, exp.Where, exp.Group, exp.Having)
    if isinstance(scope, exp.Where | exp.Group | exp.Having):
        return "a window function stands in the select list or in ORDER BY (Window functions)"
    for one in [*(node.args.get("partition_by") or []), *([key.this for key in order.expressions] if order is not None else [])]:
        if isinstance(one, exp.Literal):
            return "PARTITION BY and ORDER BY of a window take column expressions, no constants (Window functions)"
    return None


def _frame(spec: exp.Expression) -> str | None:
    """A frame begins before it ends, as the guide's own examples of refused ones do not."""
    start, end = (str(spec.args.get(side) or "").upper() for side in ("start", "end"))
    start_side, end_side = (str(spec.args.get(side) or "").upper() for side in ("start_side", "end_side"))
    if start_side == "FOLLOWING" and (start == "UNBOUNDED" or end == "CURRENT ROW" or end_side == "PRECEDING"):
        return "a frame cannot begin behind its end (Window functions)"
    if end_side == "PRECEDING" and (end == "UNBOUNDED" or start == "CURRENT ROW"):
        return "a frame cannot end before it begins (Window functions)"
    return None


def _aggregate(node: exp.Expression) -> str | None:
    if not isinstance(node, exp.Distinct) or not isinstance(node.parent, exp.Count | exp.Anonymous):
        return None
    if len(node.expressions) > 1 or any(isinstance(one, exp.Tuple) for one in node.expressions):
        return "an aggregate takes DISTINCT of one expression (COUNT function)"
    return None


def _leftover(node: exp.Expression) -> str | None:
    """What PostgreSQL has and Redshift has not (Unsupported PostgreSQL features, data types and functions)."""
    if isinstance(node, exp.Column) and node.name.lower() in _SYSTEM_COLUMNS and not node.this.args.get("quoted"):
        return f"there is no system column {node.name.lower()} (Unsupported PostgreSQL features)"
    if isinstance(node, exp.Substring) and isinstance(node.args.get("start"), exp.Literal) and node.args["start"].is_string:
        return "SUBSTRING takes a position, no pattern, use REGEXP_SUBSTR (SUBSTRING function)"
    if isinstance(node, exp.Any | exp.All) and not node.find(exp.Select):
        return "ANY and ALL take a subquery, no array (Unsupported PostgreSQL features)"
    if isinstance(node, exp.Dot) and isinstance(node.this, exp.Paren):
        return "rows have no fields to be named (Unsupported PostgreSQL features)"
    if isinstance(node, exp.Collate):
        return "COLLATE is a function, COLLATE(text, name), and an attribute of columns (Collation sequences)"
    if isinstance(node, exp.Cast) and isinstance(node.this, exp.Tuple):
        return "a row cannot be cast (Type compatibility and conversion)"
    if isinstance(node, exp.Cast) and type_name(node.to) in ("VARCHAR", "CHAR", "TEXT", "DATE", "TIMESTAMP", "DECIMAL", "DOUBLE", "FLOAT"):
        inner = node.this
        while isinstance(inner, exp.Paren):
            inner = inner.this
        if isinstance(inner, exp.Boolean | exp.Predicate | exp.Connector | exp.Not):
            return f"a BOOLEAN cannot be cast to {type_name(node.to)} (Type compatibility and conversion)"
    return None


def type_name(kind: exp.DataType) -> str:
    """Name of a type, without its size."""
    return str(getattr(kind.this, "name", kind.this)).upper()


def _size(node: exp.Expression) -> str | None:
    if not isinstance(node, exp.DataType):
        return None
    name = type_name(node)
    sizes = [int(one.name) for one in node.expressions if one.name.isdigit()]
    if name == "DECIMAL" and sizes and (not 1 <= sizes[0] <= 38 or (len(sizes) > 1 and sizes[1] > min(37, sizes[0]))):
        return "a DECIMAL has 1 to 38 digits, at most 37 of them behind the point (Numeric types)"
    if name in ("VARCHAR", "NVARCHAR") and sizes and not 1 <= sizes[0] <= 65535:
        return "a VARCHAR has 1 to 65,535 bytes (Character types)"
    if name in ("CHAR", "NCHAR", "BPCHAR") and sizes and not 1 <= sizes[0] <= 4096:
        return "a CHAR has 1 to 4,096 bytes (Character types)"
    return None


def _recursive(node: exp.Expression) -> str | None:
    """WITH RECURSIVE: a seed, UNION ALL and one member without order, limit, aggregates or DISTINCT (WITH clause)."""
    if not isinstance(node, exp.With) or not node.args.get("recursive"):
        return None
    for cte in node.expressions:
        name = cte.alias.lower()
        calls = [table for table in cte.this.find_all(exp.Table) if table.name.lower() == name and not table.db]
        if not calls:
            continue
        if not cte.args["alias"].columns:
            return "a recursive CTE needs a list of its columns (WITH clause)"
        body = cte.this
        if not isinstance(body, exp.Union) or body.args.get("distinct"):
            return "a recursive CTE is a seed and a member with UNION ALL between them (WITH clause)"
        member = body.expression
        if any(table for table in body.this.find_all(exp.Table) if table.name.lower() == name):
            return "the seed of a recursive CTE does not name it (WITH clause)"
        if len(calls) > 1:
            return "a recursive member names its CTE once (WITH clause)"
        if body.args.get("order") or body.args.get("limit") or member.args.get("order") or member.args.get("limit"):
            return "a recursive member has no ORDER BY and no LIMIT (WITH clause)"
        if member.args.get("distinct") or member.args.get("group") or _aggregates(member):
            return "a recursive member has no DISTINCT, GROUP BY and aggregates (WITH clause)"
    if node.parent is not None and node.parent.parent is not None and not isinstance(node.parent.parent, exp.Create | exp.Insert):
        return "WITH RECURSIVE does not stand in a subquery (WITH clause)"
    return None


def _aggregates(node: exp.Expression) -> bool:
    called = [one.name.lower() for one in node.find_all(exp.Anonymous)] + ["count" for _ in node.find_all(exp.Count)]
    windows = sum(1 for _ in node.find_all(exp.Window))
    return not windows and any(name in _AGGREGATES for name in called)


def _set(node: exp.Expression) -> str | None:
    """SET of UPDATE and MERGE names plain columns of the target (UPDATE, MERGE)."""
    if not isinstance(node, exp.Update):
        return None
    for assigned in node.expressions:
        if isinstance(assigned, exp.EQ) and isinstance(assigned.this, exp.Tuple | exp.Paren):
            return "SET takes one column at a time (UPDATE)"
        if isinstance(assigned, exp.EQ) and isinstance(assigned.this, exp.Column) and assigned.this.table:
            return "SET names a column without its table (UPDATE)"
    return None


def own_sources(select: exp.Select) -> set[str]:
    """Names of the relations that a query reads itself."""
    source = select.args.get("from_") or select.args.get("from")
    relations = ([source.this] if source else []) + [join.this for join in select.args.get("joins") or []]
    return {(relation.alias or getattr(relation, "name", "")).lower() for relation in relations if relation is not None}


def _correlated(node: exp.Expression) -> str | None:
    """Patterns of correlated subqueries that cannot be taken apart (Correlated subqueries)."""
    if not isinstance(node, exp.Select) or node.parent is None:
        return None
    outer = node.find_ancestor(exp.Select)
    is_relation = isinstance(node.parent, exp.Subquery) and isinstance(node.parent.parent, exp.From | exp.Join)
    if outer is None or isinstance(node.parent, exp.CTE) or is_relation:
        return None
    theirs = own_sources(outer) - own_sources(node)

    def is_own(part: exp.Expression | None) -> bool:
        return part is not None and part.find_ancestor(exp.Select) is node

    outside = [column for column in node.find_all(exp.Column) if column.table.lower() in theirs and is_own(column)]
    problem = _pattern(node, outer, outside, is_own) if outside else None
    return f"This type of correlated subquery pattern is not supported: {problem} (Correlated subqueries)" if problem else None


def _pattern(node: exp.Select, outer: exp.Select, outside: list[exp.Column], is_own: Callable[[exp.Expression | None], bool]) -> str | None:
    """What of a correlated subquery is refused. outside: its references to the outer query."""
    join = node.find_ancestor(exp.Join)
    if join is not None and join.find_ancestor(exp.Select) is outer and (join.side or len({one.table.lower() for one in outside}) > 1):
        return "it stands in the ON clause of a join"
    if node.find(exp.Window):
        return "it holds a window function"
    if node.args.get("limit") or node.args.get("offset"):
        return "it has a LIMIT"
    group = node.args.get("group")
    if group is not None and any(column.find_ancestor(exp.Group) is group for column in outside):
        return "it groups by the outer query's columns"
    if _aggregates(node):
        if any(is_own(column.find_ancestor(exp.GT, exp.LT, exp.GTE, exp.LTE, exp.NEQ, exp.Between, exp.Like)) for column in outside):
            return "an aggregate under a comparison other than equality"
        if group is not None and isinstance(node.find_ancestor(exp.In, exp.Exists), exp.In):
            return "an aggregate with GROUP BY behind IN"
    if any(is_own(column.find_ancestor(exp.Or)) for column in outside):
        return "the correlation stands under OR"
    return None


_RULES = (_window, _aggregate, _leftover, _size, _recursive, _set, _correlated)


def refused_stream(tree: exp.Expression) -> str | None:
    """What a streaming materialized view may not have: it is refreshed by what is new (Materialized view refresh, Streaming ingestion)."""
    for name in ("distinct", "order", "limit", "offset", "group", "having", "qualify"):
        if tree.args.get(name):
            return f"a streaming materialized view has no {name.upper()} (Streaming ingestion)"
    if _aggregates(tree):
        return "a streaming materialized view here has no aggregates (Streaming ingestion)"
    called = {one.name.lower() for one in tree.find_all(exp.Anonymous)}
    called |= {"current_timestamp" for _ in tree.find_all(exp.CurrentTimestamp)} | {"current_date" for _ in tree.find_all(exp.CurrentDate)}
    if called & _MUTABLE:
        return f"{sorted(called & _MUTABLE)[0].upper()} is a mutable function, which a materialized view cannot have (Materialized views)"
    return None
