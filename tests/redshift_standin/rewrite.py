"""Redshift SQL in, PostgreSQL SQL out. What is not known to be Redshift's is refused, never passed on.

Functions are not translated: sqlglot's function table is emptied, and prelude.sql defines them with Redshift's meaning. Only syntax
that PostgreSQL lacks is rewritten (payload navigation, table attributes, streaming views).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import sqlglot
from sqlglot import exp
from sqlglot.dialects.postgres import Postgres
from sqlglot.dialects.redshift import Redshift
from sqlglot.errors import ErrorLevel, ParseError
from sqlglot.tokens import TokenType

from .refusals import own_sources, refused_stream, refused_text, refused_tree, type_name

_KEPT_PARSERS = {"CAST", "EXTRACT", "POSITION", "SUBSTRING", "TRIM", "TRY_CAST"}


class _RedshiftIn(Redshift):
    """Redshift's grammar with every call left as it is written."""

    class Parser(Redshift.Parser):
        FUNCTIONS = {"COUNT": Redshift.Parser.FUNCTIONS["COUNT"]}  # noqa: RUF012
        FUNCTION_PARSERS = {k: v for k, v in Redshift.Parser.FUNCTION_PARSERS.items() if k in _KEPT_PARSERS}  # noqa: RUF012


class _PostgresOut(Postgres):
    """PostgreSQL's grammar, unchanged."""


class Refused(Exception):
    """What Redshift would refuse, or what this stand-in does not know. `code` is the SQLSTATE."""

    def __init__(self, message: str, code: str = "0A000") -> None:
        super().__init__(message)
        self.code = code


@dataclass
class Session:
    """Settings of one connection."""

    case_sensitive: bool = False
    in_transaction: bool = False


@dataclass
class Rewritten:
    """A statement for PostgreSQL, and what the server does each time before it is executed."""

    sql: str
    sync_topic: tuple[str, str] | None = None
    copy_job: str | None = None
    setting: tuple[str, bool] | None = None
    # table, values of the partition by column, location
    partition: tuple[str, dict[str, str], str] | None = None


# Functions that the Database Developer Guide lists and prelude.sql or PostgreSQL answers in the same way.
FUNCTIONS = set(
    """
    count sum min max avg coalesce nvl nullif greatest least round mod abs ceil floor trunc btrim trim ltrim rtrim lower upper replace
    translate substring split_part length len octet_length md5 sha2 left right strpos concat regexp_substr regexp_replace row_number
    rank dense_rank lag lead first_value last_value dateadd datediff date_part date_trunc extract getdate sysdate to_char to_date
    last_day json_parse can_json_parse json_serialize is_object is_array get_array_length from_varbyte to_varbyte to_hex cast try_cast
    case if lpad rpad json_size json_serialize_to_varbyte bool_or strtol reverse chr sqrt ln
    """.split()
)

# What the adapter asks the catalog with. Only allowed over catalog relations: on Redshift they run on the leader node alone.
LEADER_FUNCTIONS = set(
    """
    pg_backend_pid has_table_privilege has_schema_privilege pg_get_late_binding_view_cols pg_get_userbyid obj_description
    col_description format_type current_database current_schema current_user version pg_table_is_visible array_position
    """.split()
)

# Each with where Redshift's documentation says so (Database Developer Guide).
_DENIED_NODES: dict[type[exp.Expression], str] = {
    exp.Filter: "aggregate FILTER is not supported (Unsupported PostgreSQL features)",
    exp.Array: "arrays are not supported (Unsupported PostgreSQL data types)",
    exp.Lateral: "LATERAL is not supported (FROM clause)",
    exp.OnConflict: "INSERT ... ON CONFLICT is not supported (Unsupported PostgreSQL features)",
    exp.Returning: "RETURNING is not supported (INSERT)",
    exp.NullSafeEQ: "IS NOT DISTINCT FROM is not supported (Comparison conditions)",
    exp.NullSafeNEQ: "IS DISTINCT FROM is not supported (Comparison conditions)",
    exp.Values: "VALUES as a table is not supported (Unsupported PostgreSQL features)",
    exp.TableSample: "TABLESAMPLE is not supported (Unsupported PostgreSQL features)",
    exp.Lock: "SELECT ... FOR UPDATE is not supported (Unsupported PostgreSQL features)",
    exp.Fetch: "FETCH FIRST is not supported, use LIMIT (ORDER BY clause)",
    exp.CheckColumnConstraint: "CHECK constraints are not supported (CREATE TABLE)",
    exp.ComputedColumnConstraint: "generated columns are not supported (CREATE TABLE)",
}
_TYPES = set(
    """
    SMALLINT INT BIGINT DECIMAL FLOAT DOUBLE BOOLEAN CHAR NCHAR VARCHAR NVARCHAR BPCHAR TEXT DATE TIME TIMETZ TIMESTAMP TIMESTAMPTZ SUPER
    VARBINARY INTERVAL NULL UNKNOWN
    """.split()
)

# Types of the catalog, for statements that ask it.
_CATALOG_TYPES = {"OID", "NAME"}
# Reserved words that PostgreSQL takes as a plain alias or name and Redshift does not (Reserved words).
RESERVED = set(
    """
    tag top raw snapshot system open offset partition percent permissions respect resort sysdate timestamp tdes text255 truncatecolumns
    wallet language minus explicit encode encrypt backup delta disable enable emptyasnull
    """.split()
)


# Spellings of the parts of a date (Date parts for date or timestamp functions).
_DATE_PARTS = {
    spelling: part
    for part, spellings in {
        "millennium": "millennia mil mils", "century": "centuries c cent cents", "decade": "decades dec decs", "year": "years y yr yrs",
        "quarter": "quarters qtr qtrs", "month": "months mon mons", "week": "weeks w", "day": "days d", "hour": "hours h hr hrs",
        "minute": "minutes m min mins", "second": "seconds s sec secs",
        "millisecond": "milliseconds ms msec msecs msecond mseconds millisec millisecs millisecon",
        "microsecond": "microseconds microsec microsecs microsecond usecond useconds us usec usecs",
    }.items()
    for spelling in [part, *spellings.split()]
}  # fmt: skip


def _literal(text: str | None) -> str:
    return "null" if text is None else "'" + text.replace("'", "''") + "'"


def _in_block(*statements: str) -> str:
    return "do $standin$ begin " + " ".join(statement.rstrip().rstrip(";") + ";" for statement in statements) + " end $standin$"


def _execute(statement: str) -> str:
    return f"execute $statement${statement}$statement$"


def split_head(sql: str) -> str:
    """The statement without leading comments."""
    return re.sub(r"^(\s|/\*.*?\*/|--[^\n]*(\n|$))*", "", sql, flags=re.DOTALL).rstrip().rstrip(";").rstrip()


def rewrite(sql: str, session: Session) -> Rewritten:
    """Rewrites one statement, or raises Refused."""
    body = split_head(sql)
    tokens = Redshift().tokenize(re.sub(r"\$\d+", "0", body))
    if any(token.token_type == TokenType.SEMICOLON for token in tokens):
        raise Refused("cannot insert multiple commands into a prepared statement", "42601")
    if problem := refused_text(body, tokens):
        raise Refused(*problem)
    low = re.sub(r"\s+", " ", body.lower())
    for pattern, handler in _STATEMENTS:
        match = re.match(pattern, low)
        if match:
            return handler(body, session)
    raise Refused(f"the stand-in does not know this statement: {body[:120]!r}", "42601")


def _outside_transaction(session: Session, statement: str) -> None:
    """Refuses a statement inside of a transaction block (the statement's page)."""
    if session.in_transaction:
        raise Refused(f"{statement} cannot run inside a transaction block", "25001")


# --- statements ---------------------------------------------------------------------------------------------------------------


def _set_case(body: str, session: Session) -> Rewritten:
    return Rewritten("set standin.ignored = ''", setting=("case_sensitive", body.lower().rstrip("' ").endswith(("true", "on"))))


def _ignored(body: str, session: Session) -> Rewritten:
    return Rewritten("set standin.ignored = ''")


def _grant(body: str, session: Session) -> Rewritten:
    return Rewritten(re.sub(r"(?i)\b(to|from|,)(\s+)(role|group)\s+", r"\1\2", body))


def _vacuum(body: str, session: Session) -> Rewritten:
    _outside_transaction(session, "VACUUM")
    return Rewritten("set standin.ignored = ''")


def _masking_policy(body: str, session: Session) -> Rewritten:
    """Looked at for its form; nobody is masked here (CREATE MASKING POLICY, ATTACH MASKING POLICY)."""
    create = r"(?is)create\s+masking\s+policy\s+\w+\s+if\s+not\s+exists\s+with\s+\(\w+\s+.+\)\s+using\s+\(.+\)$"
    attach = r"(?is)attach\s+masking\s+policy\s+\w+\s+on\s+\S+\s+\(\S+\)\s+to\s+(public|role\s+\w+)(\s+priority\s+\d+)?$"
    if not re.match(create, body) and not re.match(attach, body):
        raise Refused("MASKING POLICY: this form is not known to the stand-in", "42601")
    return Rewritten("set standin.ignored = ''")


def _transaction(body: str, session: Session) -> Rewritten:
    return Rewritten(body, setting=("in_transaction", body.lower().startswith(("begin", "start"))))


def _as_is(body: str, session: Session) -> Rewritten:
    return Rewritten(body)


def _schema(body: str, session: Session) -> Rewritten:
    return Rewritten(re.sub(r'(?i)(schema\s+(?:if\s+(?:not\s+)?exists\s+)?)"?\w+"?\.', r"\1", body))


def _query(body: str, session: Session) -> Rewritten:
    return Rewritten(_transform(body, session))


def _catalog(body: str, session: Session) -> Rewritten:
    return Rewritten(re.sub(r"(?i)(?<![\w.])(pg_class|pg_attribute|pg_views)\b", r"rs.\1", body))


def _create_external_schema(body: str, session: Session) -> Rewritten:
    _outside_transaction(session, "CREATE EXTERNAL SCHEMA")
    catalog = re.match(
        r"(?is)create\s+external\s+schema\s+(?:if\s+not\s+exists\s+)?(\w+)\s+from\s+data\s+catalog\s+database\s+'[^']+'\s+"
        r"iam_role\s+(?:default|'[^']+')(?:\s+create\s+external\s+database\s+if\s+not\s+exists)?$",
        body,
    )
    if catalog:
        return Rewritten(f'create schema if not exists "{catalog[1]}"')
    match = re.match(
        r"(?is)create\s+external\s+schema\s+(?:if\s+not\s+exists\s+)?\"?(\w+)\"?\s+from\s+(msk|kafka|kinesis)\s+"
        r"(?:iam_role\s+(default|'[^']*'))?(?P<rest>.*)$",
        body,
    )
    if not match:
        raise Refused("CREATE EXTERNAL SCHEMA: expected FROM MSK | KAFKA | KINESIS and IAM_ROLE", "42601")
    role = (match[3] or "").strip("'")
    if re.search(r"\s", role):
        raise Refused("a chain of IAM roles is separated by commas without blanks", "22023")
    if match[2].lower() in ("msk", "kafka") and not re.search(r"(?i)authentication\s+(none|iam|mtls)", match["rest"]):
        raise Refused("CREATE EXTERNAL SCHEMA FROM MSK needs AUTHENTICATION", "42601")
    return Rewritten(
        _in_block(
            _execute(f'create schema if not exists "{match[1]}"'),
            f"insert into rs.stream_schemas values ({_literal(match[1])}, {_literal(match[2].lower())}) on conflict do nothing",
        )
    )


def _create_external_table(body: str, session: Session) -> Rewritten:
    """A plain table, filled when a partition is added: nothing lands in one later (CREATE EXTERNAL TABLE)."""
    _outside_transaction(session, "CREATE EXTERNAL TABLE")
    match = re.match(
        r"(?is)create\s+external\s+table\s+(\w+\.\w+)\s*\((.*)\)\s+partitioned\s+by\s*\((.*)\)\s+"
        r"(?:stored\s+as\s+parquet|row\s+format\s+delimited\s+fields\s+terminated\s+by\s+'\\001'\s+stored\s+as\s+textfile|"
        r"row\s+format\s+serde\s+'\S+ParquetHiveSerDe'\s+stored\s+as\s+inputformat\s+'\S+SymlinkTextInputFormat'\s+"
        r"outputformat\s+'\S+HiveIgnoreKeyTextOutputFormat')\s+"
        r"location\s+'s3://[^']+/'$",
        body,
    )
    if not match:
        raise Refused("CREATE EXTERNAL TABLE: this form is not known to the stand-in", "42601")
    return Rewritten(
        _in_block(
            _execute(f'create table {match[1]} ({match[2]}, {match[3]}, "$path" varchar(1024))'),
            f"insert into rs.svv_external_tables values ({_literal(match[1].split('.')[0])}, {_literal(match[1].split('.')[1])})",
        )
    )


def _create_materialized_view(body: str, session: Session) -> Rewritten:
    match = re.match(
        r"(?is)create\s+materialized\s+view\s+(\S+)\s+(?:backup\s+(?:yes|no)\s+)?(?:auto\s+refresh\s+(yes|no)\s+)?as\s+(.*)$", body
    )
    if not match:
        raise Refused("CREATE MATERIALIZED VIEW: only streaming views without further attributes are known here", "42601")
    tree = _parse(match[3], session)
    if not isinstance(tree, exp.Select) or tree.args.get("joins") or list(tree.find_all(exp.Subquery, exp.Window, exp.CTE)):
        raise Refused("a streaming materialized view selects from one stream, without joins, subqueries and window functions")
    if problem := refused_stream(tree):
        raise Refused(problem)
    tables = list(tree.find_all(exp.Table))
    if len(tables) != 1 or not tables[0].db:
        raise Refused("a streaming materialized view reads one topic of an external schema")
    schema, topic = tables[0].db, tables[0].name
    if len(topic) > 128:
        raise Refused("the name of a topic has at most 128 characters")
    tables[0].replace(exp.to_table("standin_stream"))
    query = _transform_tree(tree, session)
    return Rewritten(
        _in_block(
            f"perform rs.create_streaming_view({_literal(match[1])}, {_literal(schema)}, {_literal(topic)}, {_literal(query)}, "
            f"{'true' if (match[2] or 'no').lower() == 'yes' else 'false'}, {_literal(body + ';')})"
        ),
        sync_topic=(schema, topic),
    )


def _refresh(body: str, session: Session) -> Rewritten:
    name = body.split()[-1]
    return Rewritten(f"select rs.refresh_streaming_view({_literal(name)})", sync_topic=("", name))


def _create_relation(body: str, session: Session) -> Rewritten:
    text = re.sub(r"(?i)\bidentity\s*\(\s*1\s*,\s*1\s*\)", "generated by default as identity", _without_attributes(body))
    if re.match(r"(?is)create\s+(or\s+replace\s+)?view\b.*\bwith\s+no\s+schema\s+binding$", text):
        raise Refused("late-binding views are not known to the stand-in")
    sql = _transform(text, session)
    name = re.match(r"(?is)create\s+(?:or\s+replace\s+)?(?:temp(?:orary)?\s+)?(table|view)\s+(?:if\s+not\s+exists\s+)?([^\s(]+)", text)
    if name is None:
        raise Refused("CREATE: a table or a view is expected", "42601")
    if name[1].lower() == "view":
        return Rewritten(sql)
    return Rewritten(_in_block(_execute(sql), f"perform rs.limit_bytes({_literal(name[2])})"))


def _alter_table(body: str, session: Session) -> Rewritten:
    """The forms of ALTER TABLE that both have and dbt sends, and partitions of external tables (ALTER TABLE)."""
    partition = re.match(
        r"(?is)alter\s+table\s+(\S+)\s+add\s+(?:if\s+not\s+exists\s+)?partition\s*\(([^)]*)\)\s+location\s+'(s3://[^']+/)'$", body
    )
    if partition:
        _outside_transaction(session, "ALTER EXTERNAL TABLE")
        values = dict(re.findall(r"(\w+)\s*=\s*'([^']*)'", partition[2]))
        return Rewritten("select 1", partition=(partition[1], values, partition[3]))
    form = re.match(
        r"(?is)alter\s+table\s+\S+\s+(rename\s+(to|column)|add\s+(column\s+)?(?!constraint|check|unique|primary|foreign)\S+|drop\s+column)\b",
        body,
    )
    if not form:
        raise Refused(f"ALTER TABLE in this form is not supported, or not known to the stand-in: {body[:120]!r} (ALTER TABLE)")
    return Rewritten(body)


def _comment(body: str, session: Session) -> Rewritten:
    match = re.match(r"(?is)comment\s+on\s+(view|table)\s+(\S+)\s+is\s+(.*)$", body)
    if match:
        return Rewritten(_in_block(f"perform rs.comment_on({_literal(match[2])}, {match[3]})"))
    return Rewritten(body)


def _copy(body: str, session: Session) -> Rewritten:
    """COPY ... JOB CREATE, in the forms that the project sends (COPY)."""
    match = re.match(
        r"(?is)copy\s+(\S+)\s*\(([^)]*)\)\s+from\s+'([^']*)'\s+iam_role\s+(?:default|'[^']*')\s+format\s+(?:as\s+)?"
        r"(csv(?:\s+delimiter\s+'.')?(?:\s+ignoreheader\s+1)?(?:\s+emptyasnull)?|parquet|json\s+'(?:noshred|auto\s+ignorecase)')"
        r"(\s+gzip)?\s+job\s+create\s+(\S+)\s+auto\s+(on|off)$",
        body,
    )
    if not match:
        raise Refused("COPY: this form is not known to the stand-in", "42601")
    _outside_transaction(session, "COPY JOB")
    values = (match[6], match[1], match[2], match[3], " ".join((match[4] + (match[5] or "")).split()))
    is_auto = 1 if match[7].lower() == "on" else 0
    return Rewritten(f"insert into rs.copy_jobs values ({', '.join(_literal(value) for value in values)}, {is_auto})")


def _copy_job_run(body: str, session: Session) -> Rewritten:
    return Rewritten("select 1", copy_job=body.split()[-1])


def _copy_job_alter(body: str, session: Session) -> Rewritten:
    match = re.match(r"(?is)copy\s+job\s+alter\s+(\w+)\s+auto\s+(on|off)$", body)
    if not match:
        raise Refused("COPY JOB ALTER: only AUTO ON | OFF is known to the stand-in", "42601")
    return Rewritten(f"select rs.alter_copy_job({_literal(match[1])}, {1 if match[2].lower() == 'on' else 0})")


def _copy_job_drop(body: str, session: Session) -> Rewritten:
    return Rewritten(f"select rs.drop_copy_job({_literal(body.split()[-1])})")


def _merge(body: str, session: Session) -> Rewritten:
    """Redshift: no alias of the target, one WHEN MATCHED and one WHEN NOT MATCHED clause, no further condition (MERGE)."""
    tree = _parse(body, session)
    if not isinstance(tree, exp.Merge):
        raise Refused("MERGE: cannot be parsed", "42601")
    if tree.this.alias:
        raise Refused("MERGE takes no alias of the target table", "42601")
    whens = list(tree.find_all(exp.When))
    matched = [when for when in whens if when.args.get("matched")]
    if len(whens) != 2 or len(matched) != 1:
        raise Refused("MERGE takes exactly one WHEN MATCHED and one WHEN NOT MATCHED clause", "42601")
    if any(when.args.get("condition") for when in whens):
        raise Refused("MERGE takes no condition behind MATCHED", "42601")
    return Rewritten(_transform_tree(tree, session))


_STATEMENTS = [
    (r"set enable_case_sensitive_", _set_case),
    (r"(set|reset) (query_group|statement_timeout|wlm_query_slot_count|application_name|enable_result_cache_for_session)\b", _ignored),
    (r"(begin|commit|rollback|end|abort|start transaction)\b", _transaction),
    (r"(create|drop) schema\b", _schema),
    (r"create external schema\b", _create_external_schema),
    (r"create external table\b", _create_external_table),
    (r"create materialized view\b", _create_materialized_view),
    (r"refresh materialized view\b", _refresh),
    (r"create (or replace )?(temp |temporary )?(table|view)\b", _create_relation),
    (r"alter table\b", _alter_table),
    (r"drop (table|view|materialized view)\b", _as_is),
    (r"truncate( table)?\b", _as_is),
    (r"comment on\b", _comment),
    (r"(grant|revoke)\b", _grant),
    (r"vacuum\b", _vacuum),
    (r"(create|attach) masking policy\b", _masking_policy),
    (r"analyze\b", _ignored),
    (r"copy job run\b", _copy_job_run),
    (r"copy job alter\b", _copy_job_alter),
    (r"copy job drop\b", _copy_job_drop),
    (r"copy\b", _copy),
    (r"merge into\b", _merge),
    # a seed's rows are placeholders alone: there is nothing in them to refuse, and no parser reads them
    (r"insert into \S+ (\([^)]*\) )?values[ ($\d,)]*$", _as_is),
    (r"select .*\bmv_tbl__|select .*\bsvv_table_info tb\b", _catalog),
    (r"(select|with|insert|update|delete)\b|\(", _query),
]


# --- expressions --------------------------------------------------------------------------------------------------------------


def _parse(sql: str, session: Session) -> exp.Expression:
    try:
        tree = sqlglot.parse_one(sql, read=_RedshiftIn)
    except ParseError as error:
        raise Refused(f"syntax error: {str(error).splitlines()[0]}", "42601") from error
    if isinstance(tree, exp.Command):
        raise Refused(f"the stand-in cannot read this statement: {sql[:120]!r}", "42601")
    return tree


def _transform(sql: str, session: Session) -> str:
    # the names of an object's attributes: an array to unnest, under a key that no payload has
    sql = re.sub(r"(?i)cross\s+join\s+unpivot\s+(\w+\.\w+)\s+as\s+\w+\s+at\s+(\w+)", r'left join \1."__unpivot__" as \2 on true', sql)
    return _transform_tree(_parse(sql, session), session)


def _transform_tree(tree: exp.Expression, session: Session) -> str:
    _refuse(tree)
    for subquery in list(tree.find_all(exp.From, exp.Join)):
        inner = subquery.this
        if isinstance(inner, exp.Subquery) and not inner.alias:
            inner.set("alias", exp.TableAlias(this=exp.to_identifier(f"_s{id(inner)}")))
    _navigate(tree, session, _unnest(tree, session))
    _adapt(tree)
    return str(tree.sql(dialect=_PostgresOut, unsupported_level=ErrorLevel.RAISE))


def _refuse(tree: exp.Expression) -> None:
    inserted = tree if isinstance(tree, exp.Insert) else None
    asks_catalog = any(node.name.lower() in LEADER_FUNCTIONS for node in tree.find_all(exp.Anonymous))
    for node in tree.walk():
        for kind, reason in _DENIED_NODES.items():
            if isinstance(node, kind) and not (inserted is not None and isinstance(node, exp.Values)):
                raise Refused(reason)
        if isinstance(node, exp.Intersect | exp.Except) and node.args.get("distinct") is False:
            raise Refused("INTERSECT ALL and EXCEPT ALL are not supported (UNION, INTERSECT, and EXCEPT)")
        if isinstance(node, exp.Distinct) and node.args.get("on"):
            raise Refused("DISTINCT ON is not supported (Unsupported PostgreSQL features)")
        if isinstance(node, exp.DataType) and type_name(node) not in (_TYPES | _CATALOG_TYPES if asks_catalog else _TYPES):
            raise Refused(f"type {type_name(node).lower()} does not exist on Redshift (Unsupported PostgreSQL data types)", "42704")
        if isinstance(node, exp.CTE) and node.args.get("materialized") is not None:
            raise Refused("WITH ... AS MATERIALIZED is not supported (WITH clause)")
        if isinstance(node, exp.Table) and node.args.get("only"):
            raise Refused("FROM ONLY is not supported: tables do not inherit (Unsupported PostgreSQL features)")
        if isinstance(node, exp.LikeProperty) and node.expressions and "DEFAULTS" not in node.sql().upper():
            raise Refused("LIKE takes INCLUDING DEFAULTS or EXCLUDING DEFAULTS only (CREATE TABLE)")
        if isinstance(node, exp.Anonymous) and node.name.lower() not in FUNCTIONS | LEADER_FUNCTIONS:
            raise Refused(f"function {node.name.lower()}() does not exist on Redshift, or is not known to the stand-in", "42883")
        if isinstance(node, exp.TableAlias | exp.Alias) and node.alias.lower() in RESERVED:
            identifier = node.args.get("alias") or node.this
            if isinstance(identifier, exp.Identifier) and not identifier.args.get("quoted"):
                raise Refused(f"{node.alias!r} is a reserved word", "42601")
    _refuse_mixed_leader_functions(tree)
    _refuse_skipping_correlation(tree)
    if not asks_catalog and (problem := refused_tree(tree)):
        raise Refused(*problem)


def _refuse_skipping_correlation(tree: exp.Expression) -> None:
    """A subquery may refer to the query right around it, and not to one further out (Correlated subqueries)."""
    for column in tree.find_all(exp.Column):
        table = column.table.lower()
        levels = 0
        scope = column.find_ancestor(exp.Select)
        while table and scope is not None:
            if table in own_sources(scope):
                if levels > 1:
                    raise Refused(f"correlated reference to {table}.{column.name} skips a query block (Correlated subqueries)")
                break
            levels += 1
            scope = scope.find_ancestor(exp.Select)


def _refuse_mixed_leader_functions(tree: exp.Expression) -> None:
    names = {node.name.lower() for node in tree.find_all(exp.Anonymous)} & (LEADER_FUNCTIONS - {"current_database", "current_user"})
    ctes = {cte.alias.lower() for cte in tree.find_all(exp.CTE)}
    for table in tree.find_all(exp.Table):
        name = table.name.lower()
        is_catalog = name.startswith(("pg_", "svv_", "stv_", "svl_", "stl_", "sys_"))
        is_catalog = is_catalog or table.db.lower() in ("pg_catalog", "information_schema")
        if names and name and not is_catalog and name not in ctes:
            raise Refused(f"{sorted(names)[0]}() runs on the leader node and cannot be used with table {name}", "0A000")


def _chain(node: exp.Expression) -> tuple[exp.Expression, list[exp.Expression]]:
    path: list[exp.Expression] = []
    while isinstance(node, exp.Dot | exp.Bracket):
        if isinstance(node, exp.Dot):
            path.insert(0, node.expression)
        else:
            path[0:0] = list(node.expressions)
        node = node.this
    return node, path


def _source_names(node: exp.Expression) -> set[str]:
    """Names of the relations that a column may be qualified with here."""
    names: set[str] = set()
    scope = node.find_ancestor(exp.Select, exp.Merge, exp.Update, exp.Delete)
    while scope is not None:
        if isinstance(scope, exp.Merge):
            names |= {scope.this.name.lower(), (scope.args["using"].alias or scope.args["using"].name).lower()}
        source = scope.args.get("from_") or scope.args.get("from")
        relations = ([source.this] if source else []) + [join.this for join in scope.args.get("joins") or []]
        if isinstance(scope, exp.Update | exp.Delete):
            relations += [scope.this, *(scope.args.get("using") or [])]
        names |= {(relation.alias or getattr(relation, "name", "")).lower() for relation in relations if relation is not None}
        scope = scope.find_ancestor(exp.Select, exp.Merge)
    return names


def _key(identifier: exp.Expression, session: Session) -> exp.Expression:
    """A key of a path. Unquoted keys fold to lower case, and quoted ones too unless the session is case-sensitive."""
    return exp.Literal.string(identifier.name if identifier.args.get("quoted") and session.case_sensitive else identifier.name.lower())


def _unnest(tree: exp.Expression, session: Session) -> set[str]:
    """`from t as a left join a.payload."List" as b on true`: a path that begins with an alias is an array to unnest. Gives the aliases."""
    elements: set[str] = set()
    for select in list(tree.find_all(exp.Select)):
        source = select.args.get("from_") or select.args.get("from")
        seen = {(source.this.alias or getattr(source.this, "name", "")).lower()} if source else set()
        for join in select.args.get("joins") or []:
            relation = join.this
            parts = list(relation.parts) if isinstance(relation, exp.Table) else []
            if len(parts) > 1 and parts[0].name.lower() in seen:
                alias = relation.alias or "_element"
                elements.add(alias.lower())
                call = exp.Anonymous(
                    this="rs.unnest_super",
                    expressions=[exp.column(parts[1].copy(), table=parts[0].copy()), *[_key(part, session) for part in parts[2:]]],
                )
                name = exp.TableAlias(this=exp.to_identifier(alias), columns=[exp.to_identifier(alias)])
                relation.replace(exp.Lateral(this=call, alias=name))
            seen.add((relation.alias or getattr(relation, "name", "")).lower())
    return elements


def _navigate(tree: exp.Expression, session: Session, elements: set[str]) -> None:
    """`column."Key"` on a SUPER column becomes a call. Keys fold to lower case unless the session says otherwise.

    elements: aliases that stand for an unnested element and not for a relation.
    """
    nodes = [n for n in tree.find_all(exp.Column, exp.Dot, exp.Bracket) if not isinstance(n.parent, exp.Dot | exp.Bracket)]
    for node in nodes:
        column, path = _chain(node)
        if not isinstance(column, exp.Column):
            continue
        parts = [column.args[key] for key in ("catalog", "db", "table", "this") if column.args.get(key)]
        if any(not isinstance(part, exp.Identifier) for part in parts):
            continue
        names = _source_names(node)
        if parts[0].name.lower() in elements:
            base, keys = parts[:1], parts[1:] + path
        elif parts[0].name.lower() in names:
            base, keys = parts[:2], parts[2:] + path
        elif len(parts) > 2 and parts[-2].name.lower() in names:
            base, keys = parts, path
        elif len(parts) > 1 and any(part.name.lower() in names for part in parts[:-1]):
            continue
        else:
            base, keys = parts[:1], parts[1:] + path
        if not keys:
            continue
        steps = []
        for key in keys:
            steps.append(_key(key, session) if isinstance(key, exp.Identifier) else exp.Literal.string(key.name))
        target = exp.column(base[-1].copy(), table=base[0].copy() if len(base) > 1 else None)
        node.replace(exp.Anonymous(this="rs.nav", expressions=[target, *steps]))


_CATALOG_TABLES = {"pg_class", "pg_attribute", "pg_views"}
_INFORMATION_SCHEMA = {"views": "is_views", "columns": "is_columns", "tables": "is_tables"}


def _adapt(tree: exp.Expression) -> None:
    for node in reversed(list(tree.walk())):  # inner nodes first: a cast put around one copies it
        if isinstance(node, exp.Anonymous):
            name = node.name.lower()
            if name in ("dateadd", "datediff", "date_part", "last_day") and node.expressions:
                first = node.expressions[0]
                if isinstance(first, exp.Column | exp.Var | exp.Identifier | exp.Literal) and name != "last_day":
                    part = first.name.lower()
                    if name != "date_part" and part not in _DATE_PARTS:
                        raise Refused(f"{part!r} is no part of a date (Date parts for date or timestamp functions)", "22023")
                    first.replace(exp.Literal.string(_DATE_PARTS.get(part, part)))
                elif isinstance(first, exp.Column | exp.Var | exp.Identifier):
                    first.replace(exp.Literal.string(first.name.lower()))
                for operand in node.expressions[1 if name == "datediff" else 2 :]:
                    operand.replace(exp.cast(operand.copy(), "timestamp"))
            elif name == "nvl":
                node.set("this", "coalesce")
            elif name == "json_serialize":  # a keyword of PostgreSQL's grammar unless it is qualified
                node.set("this", "rs.json_serialize")
        elif isinstance(node, exp.TryCast):
            kind = node.to.sql(dialect="postgres").lower().split("(")[0].replace(" ", "_")
            node.replace(exp.Anonymous(this=f"rs.try_{kind}", expressions=[node.this.copy()]))
        elif isinstance(node, exp.CurrentTimestamp):
            node.replace(exp.Anonymous(this="rs.sysdate"))
        elif isinstance(node, exp.DataType) and node.this == exp.DataType.Type.DECIMAL and not node.expressions:
            node.set("expressions", [exp.DataTypeParam(this=exp.Literal.number(number)) for number in (18, 0)])
        elif isinstance(node, exp.Table) and isinstance(node.this, exp.Identifier):
            name, schema = node.name.lower(), node.db.lower()
            if node.catalog and node.catalog.lower() not in ("dev", "pg_catalog"):
                # another database of the cluster: a schema here
                node.set("db", exp.to_identifier(f"{node.catalog.lower()}__{schema}"))
                node.set("catalog", None)
            elif name in _CATALOG_TABLES and schema in ("", "pg_catalog"):
                node.set("db", exp.to_identifier("rs"))
            elif schema == "information_schema" and name in _INFORMATION_SCHEMA:
                if not node.alias:
                    node.set("alias", exp.TableAlias(this=exp.to_identifier(name)))
                node.set("this", exp.to_identifier(_INFORMATION_SCHEMA[name]))
                node.set("db", exp.to_identifier("rs"))
            elif schema in ("", "pg_catalog") and name.startswith(("svv_", "stv_", "sys_")):
                node.set("db", exp.to_identifier("rs"))


def _without_attributes(sql: str) -> str:
    """The statement without DISTSTYLE, DISTKEY, SORTKEY, BACKUP and ENCODE, which have no meaning to PostgreSQL."""
    head, separator, query = sql, "", ""
    match = re.search(r"(?is)\bas\s*(?=\(|select\b|with\b|--|/\*)", sql)
    if match:
        head, separator, query = sql[: match.start()], sql[match.start() : match.end()], sql[match.end() :]
    for pattern in (
        r"\bbackup\s+(yes|no)\b",
        r"\bdiststyle\s+(auto|even|all|key)\b",
        r"\bdistkey\s*(\([^)]*\))?",
        r"\b(compound\s+|interleaved\s+)?sortkey\s*(\([^)]*\)|auto)?",
        r"\bencode\s+\w+",
    ):
        head = re.sub(rf"(?is){pattern}", " ", head)
    return head + separator + query
