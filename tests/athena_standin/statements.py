"""Athena's statements, told apart and said in Trino's words; what Athena would refuse is refused with its reason.

Athena takes data definitions in Hive's words and all else in Trino's. What is not in its documentation's list of statements is refused,
also where Trino would take it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

import sqlglot
from sqlglot import exp

LONGEST_STATEMENT = 262_144
RELATION = r"(?:[`\"]?awsdatacatalog[`\"]?\.)?[`\"]?(?P<schema>\w+)[`\"]?\.[`\"]?(?P<name>\w+)[`\"]?"
QUERIES = ("select", "with", "values", "insert into", "merge into", "delete from", "update", "explain", "(")
HIVE_TYPES = {"varchar": "string", "integer": "int", "real": "float", "varbinary": "binary", "timestamp": "timestamp", "char": "char"}
ICEBERG_TYPES = {"string": "varchar", "int": "integer", "float": "real", "binary": "varbinary", "timestamp": "timestamp(6)"}
# table properties of Iceberg that Athena knows, by its documentation
ICEBERG_PROPERTIES = {
    "format", "write_compression", "optimize_rewrite_data_file_threshold", "optimize_rewrite_delete_file_threshold",
    "optimize_rewrite_min_data_file_size_bytes", "optimize_rewrite_max_data_file_size_bytes", "vacuum_min_snapshots_to_keep",
    "vacuum_max_snapshot_age_seconds", "vacuum_max_metadata_files_to_keep", "write_target_data_file_size_bytes",
}  # fmt: skip
CTAS_PROPERTIES = {
    "iceberg": {"table_type", "is_external", "location", "partitioning", *ICEBERG_PROPERTIES},
    "hive": {"table_type", "is_external", "external_location", "format", "partitioned_by", "bucketed_by", "bucket_count",
             "write_compression", "field_delimiter", "orc_compression", "parquet_compression"},
}  # fmt: skip
# Types of columns in data definitions (Data types in Amazon Athena, Supported data types for Iceberg tables), by the first word
ICEBERG_DDL_TYPES = set(
    "boolean int bigint long float double decimal string date timestamp binary time timestamptz uuid struct list array map".split()
)
HIVE_DDL_TYPES = set(
    "boolean tinyint smallint int bigint float double decimal char varchar string binary date timestamp struct array map uniontype".split()
)
# Words that a data definition takes as a name only in backticks (Reserved keywords, DDL statements)
DDL_RESERVED = set(
    """
    all alter and array as authorization between bigint binary boolean both by case cashe cast char column conf constraint commit create
    cross cube current current_date current_timestamp cursor database date dayofweek decimal delete describe distinct double drop else end
    exchange exists extended external extract false fetch float floor following for foreign from full function grant group grouping having
    if import in inner insert int integer intersect interval into is join lateral left less like local macro map more none not null numeric
    of on only or order out outer over partialscan partition percent preceding precision preserve primary procedure range reads reduce
    references regexp revoke right rlike rollback rollup row rows select set smallint start table tablesample then time timestamp to
    transform trigger true truncate unbounded union uniquejoin update user using utc_timestamp values varchar views when where window with
    """.split()
)
# Functions and clauses of Trino that Athena's engine version 3 has not (Athena engine version 3; Considerations and limitations)
LACKING = {
    r"with\s+function\b": "inline functions",
    r"json_table\s*\(": "JSON_TABLE",
    r"exclude_columns\s*\(": "EXCLUDE_COLUMNS",
    r"table\s*\(\s*sequence\s*\(": "SEQUENCE as a table function",
    r"table\s*\(\s*system\.": "table functions of connectors",
    r"match_recognize\s*\(.*\bfinal\s+last\b.*\bsubset\b": "this form of MATCH_RECOGNIZE",
}
SERDES = {
    "textfile": (
        "org.apache.hadoop.mapred.TextInputFormat", "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
        "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe",
    ),
    "parquet": (
        "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat", "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat",
        "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe",
    ),
    "orc": (
        "org.apache.hadoop.hive.ql.io.orc.OrcInputFormat", "org.apache.hadoop.hive.ql.io.orc.OrcOutputFormat",
        "org.apache.hadoop.hive.ql.io.orc.OrcSerde",
    ),
}  # fmt: skip


class Refused(Exception):
    """What Athena would refuse, with its reason."""


@dataclass
class Statement:
    """One statement as it is to be run.

    kind: DDL, DML or UTILITY, as Athena names it.
    action: query (Trino runs `text` and its rows are the answer), or the name of a method of the catalogue with `arguments`.
    """

    kind: str
    action: str
    text: str = ""
    arguments: dict[str, Any] = field(default_factory=dict)


def bare(sql: str) -> str:
    """The statement without comments around it and without the semicolon that Athena lets stand at its end."""
    text = sql.strip()
    while text.startswith(("--", "/*")):
        _, _, text = text.partition("\n" if text.startswith("--") else "*/")
        text = text.strip()
    while text.endswith("*/") and "/*" in text:
        text = text[: text.rindex("/*")].strip()
    return text.removesuffix(";").strip()


def closing(text: str, start: int) -> int:
    """Where the parenthesis that opens at `start` is closed."""
    depth, quote = 0, ""
    for at in range(start, len(text)):
        sign = text[at]
        if quote:
            quote = "" if sign == quote else quote
        elif sign in "'\"`":
            quote = sign
        elif sign in "()":
            depth += 1 if sign == "(" else -1
            if depth == 0:
                return at
    raise Refused("SYNTAX_ERROR: a parenthesis is not closed")


def pieces(text: str) -> list[str]:
    """What commas separate, those within parentheses, angles and quotes left alone."""
    parts, depth, quote, begun = [], 0, "", 0
    for at, sign in enumerate(text):
        if quote:
            quote = "" if sign == quote else quote
        elif sign in "'\"`":
            quote = sign
        elif sign in "(<[":
            depth += 1
        elif sign in ")>]":
            depth -= 1
        elif sign == "," and depth == 0:
            parts.append(text[begun:at])
            begun = at + 1
    return [part.strip() for part in [*parts, text[begun:]] if part.strip()]


def properties(text: str) -> dict[str, str]:
    """Names and values of a WITH or TBLPROPERTIES list, values without their quotes."""
    found = {}
    for piece in pieces(text):
        name, _, value = piece.partition("=")
        found[name.strip().strip("'\"").lower()] = value.strip().strip("'")
    return found


def named(match: re.Match[str]) -> dict[str, str]:
    """Schema and name, which Glue has in small letters, digits and underscores."""
    for name in (match["schema"], match["name"]):
        if not re.fullmatch(r"[a-z0-9_]{1,255}", name):
            raise Refused(f"FAILED: ParseException: {name}: names have small letters, digits and underscores")
    return {"schema": match["schema"], "name": match["name"]}


def trino_type(hive: str) -> str:
    """A type of Iceberg's data definitions in Trino's words."""
    return ICEBERG_TYPES.get(hive.lower(), hive)


def hive_type(trino: str) -> str:
    """A column's type as Glue holds it. Refused: what a view or a Hive table of Athena cannot have."""
    text = trino.lower()
    if re.fullmatch(r"timestamp(\(\d+\))?", text):
        if text not in ("timestamp", "timestamp(3)"):
            raise Refused(f"NOT_SUPPORTED: Unsupported Hive type: {text}")
        return "timestamp"
    if "with time zone" in text or re.match(r"(time|json|uuid|ipaddress|interval|hyperloglog|unknown)\b", text):
        raise Refused(f"NOT_SUPPORTED: Unsupported Hive type: {text}")
    if nested := re.fullmatch(r"(array|map)\((.*)\)", text):
        return f"{nested[1]}<{','.join(hive_type(part) for part in pieces(nested[2]))}>"
    if nested := re.fullmatch(r"row\((.*)\)", text):
        fields = [part.rpartition('" ') if '"' in part else part.partition(" ") for part in pieces(nested[1])]
        return "struct<" + ",".join(f"{name.strip(chr(34))}:{hive_type(kind)}" for name, _, kind in fields) + ">"
    # with a length, a type has the same name in both
    return text if text.startswith(("decimal", "char(", "varchar(")) else HIVE_TYPES.get(text, text)


def read(sql: str) -> Statement:
    """What is to be done for a statement. Raises Refused."""
    if len(sql.encode()) > LONGEST_STATEMENT:
        raise Refused(f"Member must have length less than or equal to {LONGEST_STATEMENT}")
    text = bare(sql)
    low = re.sub(r"\s+", " ", text[:200].lower())
    if low.startswith(QUERIES):
        refuse_lacking(text)
        kind = "UTILITY" if low.startswith("explain") else "DML"
        return Statement(kind, "query", text)
    if match := re.fullmatch(r"create\s+(?:schema|database)\s+(if\s+not\s+exists\s+)?`?(\w+)`?", text, re.IGNORECASE):
        return Statement("DDL", "create_schema", arguments={"name": match[2]})
    if match := re.fullmatch(r"drop\s+(?:schema|database)\s+(?:if\s+exists\s+)?`?(\w+)`?(\s+cascade)?", text, re.IGNORECASE):
        return Statement("DDL", "drop_schema", arguments={"name": match[1], "cascade": bool(match[2])})
    if match := re.match(rf"create\s+table\s+{RELATION}\s+with\s*\(", text, re.IGNORECASE):
        return create_table_as(match, text)
    if match := re.match(rf"create\s+external\s+table\s+(if\s+not\s+exists\s+)?{RELATION}\s*\(", text, re.IGNORECASE):
        return Statement(
            "DDL", "create_external_table", arguments={**named(match), "table": external_table(text), "lenient": bool(match[1])}
        )
    if match := re.match(rf"create\s+table\s+(if\s+not\s+exists\s+)?{RELATION}\s*\(", text, re.IGNORECASE):
        return create_iceberg_table(match, text)
    if match := re.match(rf"create\s+(?:or\s+replace\s+)?view\s+{RELATION}\s+as\s", text, re.IGNORECASE):
        return Statement("DDL", "create_view", arguments={**named(match), "text": text[match.end() :]})
    if match := re.fullmatch(rf"drop\s+(table|view)\s+(?:if\s+exists\s+)?{RELATION}", text, re.IGNORECASE):
        return Statement("DDL", "drop", arguments={**named(match), "view": match[1].lower() == "view"})
    if low.startswith("alter table"):
        return alter_table(text)
    if match := re.fullmatch(rf"msck\s+repair\s+table\s+{RELATION}", text, re.IGNORECASE):
        return Statement("DDL", "repair", arguments=named(match))
    if match := re.fullmatch(rf"optimize\s+{RELATION}\s+rewrite\s+data\s+using\s+bin_pack(\s+where\s.*)?", text, re.IGNORECASE | re.DOTALL):
        return Statement("DML", "optimize", arguments={**named(match), "condition": match[3] or ""})
    if match := re.fullmatch(rf"vacuum\s+{RELATION}", text, re.IGNORECASE):
        return Statement("DML", "vacuum", arguments=named(match))
    if match := re.match(r"unload\s*\(", text, re.IGNORECASE):
        return unload(text, match.end() - 1)
    if match := re.fullmatch(rf"(?:describe|show\s+columns\s+in)\s+{RELATION}", text, re.IGNORECASE):
        return Statement("UTILITY", "query", f"show columns from awsdatacatalog.{match['schema']}.{match['name']}")
    if match := re.fullmatch(rf"show\s+partitions\s+{RELATION}", text, re.IGNORECASE):
        return Statement("UTILITY", "query", f'select * from awsdatacatalog.{match["schema"]}."{match["name"]}$partitions"')
    if match := re.fullmatch(rf"describe\s+(?:formatted|extended)\s+{RELATION}", text, re.IGNORECASE):
        return Statement("UTILITY", "query", f"show columns from awsdatacatalog.{match['schema']}.{match['name']}")
    if re.fullmatch(r"show\s+(?:databases|schemas)(?:\s+like\s+'[^']*')?", text, re.IGNORECASE):
        return Statement("UTILITY", "query", "show schemas from awsdatacatalog")
    if match := re.fullmatch(rf"show\s+create\s+(table|view)\s+{RELATION}", text, re.IGNORECASE):
        return Statement("UTILITY", "query", f"show create {match[1]} awsdatacatalog.{match['schema']}.{match['name']}")
    if match := re.fullmatch(r"show\s+views(?:\s+in\s+`?(\w+)`?)?(?:\s+like\s+'[^']*')?", text, re.IGNORECASE):
        where = f" where table_schema = '{match[1]}'" if match[1] else ""
        return Statement("UTILITY", "query", f"select table_name from awsdatacatalog.information_schema.views{where}")
    if match := re.fullmatch(rf"show\s+tblproperties\s+{RELATION}(?:\s*\(\s*'([^']+)'\s*\))?", text, re.IGNORECASE):
        one = f" where key = '{match[3]}'" if match[3] else ""
        properties_of = f'iceberg.{match["schema"]}."{match["name"]}$properties"'
        return Statement("UTILITY", "query", f"select key || chr(9) || value as tblproperties from {properties_of}{one}")
    if re.match(r"(prepare\s+\w+\s+from|execute\s+\w+|deallocate\s+prepare\s+\w+)\b", text, re.IGNORECASE):
        refuse_lacking(text)
        return Statement("UTILITY" if low.startswith("deallocate") else "DML", "query", text)
    if match := re.fullmatch(r"show\s+tables\s+in\s+`?(\w+)`?", text, re.IGNORECASE):
        return Statement("UTILITY", "query", f"show tables from awsdatacatalog.{match[1]}")
    raise Refused(f"Queries of this type are not supported: {low[:80]}")


def refuse_lacking(text: str) -> None:
    """Refuses what Trino has and Athena has not; what stands in quotes is no part of it."""
    plain = re.sub(r"'[^']*'|\"[^\"]*\"|--[^\n]*|/\*.*?\*/", " ", text, flags=re.DOTALL)
    for pattern, name in LACKING.items():
        if re.search(rf"\b{pattern}", plain, re.IGNORECASE | re.DOTALL):
            raise Refused(f"NOT_SUPPORTED: {name}: Athena engine version 3 has it not")


def defined_column(piece: str, kinds: set[str]) -> tuple[str, str]:
    """Name and type of a column in a data definition. Refused: names in double quotes, reserved words, and types that the table has not."""
    match = re.fullmatch(r"(`[^`]+`|\w+)\s+(.*?)(?:\s+comment\s+'(?:[^']|'')*')?", piece, re.IGNORECASE | re.DOTALL)
    if match is None:
        raise Refused(f"FAILED: ParseException: {piece[:60]}: a column is a name, in backticks where it is no plain one, and a type")
    name, kind = match[1], " ".join(match[2].lower().split())
    if name.lower() in DDL_RESERVED:
        raise Refused(f"FAILED: ParseException: {name} is a reserved word: put it into backticks")
    if re.search(r"\b(not )?null\b|\bdefault\b|\bprimary key\b", kind):
        raise Refused(f"FAILED: ParseException: {piece[:60]}: columns have no constraints and no defaults")
    first = re.match(r"\w+", kind)
    sized = r"(decimal|char|varchar)\s*\([\d\s,]+\)" if kinds is HIVE_DDL_TYPES else r"decimal\s*\([\d\s,]+\)"
    is_plain = re.fullmatch(sized, kind)
    if first is None or first[0] not in kinds or ("(" in kind and not is_plain and "<" not in kind):
        raise Refused(f"FAILED: ParseException: {kind} is no type of a data definition of this kind of table")
    if kinds is HIVE_DDL_TYPES and re.fullmatch(r"varchar|char", kind):
        raise Refused(f"FAILED: ParseException: {kind} needs a length")
    return name, kind


def refuse_transforms(listed: list[str]) -> None:
    """Partitions of an Iceberg table are columns of it and transforms of these, without types (Creating Iceberg tables)."""
    column = r"`?\w+`?"
    known = rf"{column}|(year|month|day|hour)\s*\(\s*{column}\s*\)|(bucket|truncate)\s*\(\s*{column}\s*,\s*{column}\s*\)"
    for part in listed:
        if not re.fullmatch(known, part, re.IGNORECASE):
            raise Refused(f"FAILED: ParseException: {part}: a partition is a column, or year, month, day, hour, bucket or truncate of one")


def refuse_hive_properties(given: dict[str, str], query: str) -> None:
    """Properties of CREATE TABLE AS that do not go together (CREATE TABLE AS, Considerations for CTAS queries)."""
    if ("bucketed_by" in given) != ("bucket_count" in given):
        raise Refused("INVALID_TABLE_PROPERTY: bucketed_by and bucket_count go together")
    if len([name for name in ("write_compression", "orc_compression", "parquet_compression") if name in given]) > 1:
        raise Refused("INVALID_TABLE_PROPERTY: one of write_compression, orc_compression and parquet_compression")
    names = [name.lower() for name in re.findall(r"\w+", re.sub(r"(?i)^\s*array", "", given.get("partitioned_by", "")))]
    if names:
        selected = sqlglot.parse_one(query, read="athena")
        found = [one.alias_or_name.lower() for one in selected.selects] if isinstance(selected, exp.Query) else []
        if "*" not in found and found[-len(names) :] != names:
            raise Refused("HIVE_COLUMN_ORDER_MISMATCH: Partition keys must be the last columns in the table and in the same order")


def create_table_as(match: re.Match[str], text: str) -> Statement:
    """CREATE TABLE ... WITH (...) AS, of Hive or Iceberg."""
    end = closing(text, match.end() - 1)
    given = properties(text[match.end() : end])
    query = re.match(r"\s*as\s+(.*)", text[end + 1 :], re.IGNORECASE | re.DOTALL)
    if not query:
        raise Refused("SYNTAX_ERROR: a table with properties is made from a query")
    kind = given.get("table_type", "hive").lower()
    if unknown := set(given) - CTAS_PROPERTIES[kind]:
        raise Refused(f"INVALID_TABLE_PROPERTY: {', '.join(sorted(unknown))}: no property of a table of type {kind.upper()}")
    name = named(match)
    if kind == "iceberg":
        if given.get("is_external", "false") != "false":
            raise Refused("INVALID_TABLE_PROPERTY: is_external has to be false for an Iceberg table")
        if not given.get("location", "").startswith("s3://"):
            raise Refused("INVALID_TABLE_PROPERTY: an Iceberg table has a location in S3")
        words = [f"location = '{given['location']}'", f"format = '{given.get('format', 'parquet').upper()}'", "format_version = 2"]
        if "partitioning" in given:
            words.append(f"partitioning = {given['partitioning']}")
        words += extra_properties(given)
        head = f"create table iceberg.{name['schema']}.{name['name']} with ({', '.join(words)}) as "
    else:
        refuse_hive_properties(given, query[1])
        words = [f"format = '{given.get('format', 'parquet').upper()}'"]
        if "external_location" in given:
            words.append(f"external_location = '{given['external_location']}'")
        if "partitioned_by" in given:
            words.append(f"partitioned_by = {given['partitioned_by']}")
        head = f"create table awsdatacatalog.{name['schema']}.{name['name']} with ({', '.join(words)}) as "
    return Statement("DDL", "query", head + query[1])


def extra_properties(given: dict[str, str]) -> list[str]:
    """Athena's own properties of an Iceberg table, which its metadata keeps."""
    kept = {name: value for name, value in given.items() if name in ICEBERG_PROPERTIES - {"format", "write_compression"}}
    return [as_extra_properties(kept)] if kept else []


def as_extra_properties(given: dict[str, str]) -> str:
    """Properties as Trino takes those that it does not know itself."""
    names, values = (", ".join(f"'{word}'" for word in words) for words in (given, given.values()))
    return f"extra_properties = map(array[{names}], array[{values}])"


def create_iceberg_table(match: re.Match[str], text: str) -> Statement:
    """CREATE TABLE with columns: Athena makes Iceberg tables so, and no others."""
    end = closing(text, match.end() - 1)
    rest = text[end + 1 :]
    columns = []
    for piece in pieces(text[match.end() : end]):
        column, kind = defined_column(piece, ICEBERG_DDL_TYPES)
        columns.append(f"{column.replace('`', chr(34))} {trino_type(kind)}")
    given = {}
    if found := re.search(r"tblproperties\s*\(", rest, re.IGNORECASE):
        given = properties(rest[found.end() : closing(rest, found.end() - 1)])
    if given.pop("table_type", "").upper() != "ICEBERG":
        raise Refused("FAILED: SemanticException table is not partitioned or external: only Iceberg tables are made without EXTERNAL")
    if unknown := set(given) - ICEBERG_PROPERTIES:
        raise Refused(f"Unsupported table property key: {', '.join(sorted(unknown))}")
    location = re.search(r"location\s+'([^']+)'", rest, re.IGNORECASE)
    if not location:
        raise Refused("An Iceberg table has a location")
    words = [f"location = '{location[1].rstrip('/')}'", f"format = '{given.get('format', 'parquet').upper()}'", "format_version = 2"]
    if parts := re.search(r"partitioned\s+by\s*\(", rest, re.IGNORECASE):
        listed = pieces(rest[parts.end() : closing(rest, parts.end() - 1)])
        refuse_transforms(listed)
        words.append("partitioning = array[" + ", ".join("'" + part.replace("`", "") + "'" for part in listed) + "]")
    words += extra_properties(given)
    name = named(match)
    lenient = "if not exists " if match[1] else ""
    return Statement(
        "DDL", "query", f"create table {lenient}iceberg.{name['schema']}.{name['name']} ({', '.join(columns)}) with ({', '.join(words)})"
    )


def external_table(text: str) -> dict[str, Any]:
    """A table of Hive as Glue holds it, read from its definition."""
    begin = text.index("(")
    for piece in pieces(text[begin + 1 : closing(text, begin)]):
        defined_column(piece, HIVE_DDL_TYPES)
    parsed = sqlglot.parse_one(text, read="athena")
    if not isinstance(parsed, exp.Create) or not isinstance(parsed.this, exp.Schema):
        raise Refused("FAILED: ParseException: no definition of an external table")

    def column(definition: exp.Expression) -> dict[str, str]:
        return {"Name": definition.name, "Type": definition.args["kind"].sql("hive").lower().replace(": ", ":").replace(", ", ",")}

    storage = {"format": "textfile", "input": "", "output": "", "serde": ""}
    parameters = {"EXTERNAL": "TRUE"}
    serde_parameters: dict[str, str] = {}
    location, partitions = "", []
    for given in parsed.args["properties"].expressions:
        if isinstance(given, exp.ExternalProperty):
            continue
        if isinstance(given, exp.LocationProperty):
            location = given.this.name
        elif isinstance(given, exp.PartitionedByProperty):
            partitions = [column(definition) for definition in given.this.expressions]
        elif isinstance(given, exp.RowFormatSerdeProperty):
            storage["serde"] = given.this.name
            if found := given.args.get("serde_properties"):
                serde_parameters.update({pair.this.name: pair.args["value"].name for pair in found.expressions})
        elif isinstance(given, exp.SerdeProperties):
            serde_parameters.update({pair.this.name: pair.args["value"].name for pair in given.expressions})
        elif isinstance(given, exp.RowFormatDelimitedProperty):
            serde_parameters["field.delim"] = serde_parameters["serialization.format"] = given.args["fields"].name
        elif isinstance(given, exp.FileFormatProperty):
            if isinstance(given.this, exp.InputOutputFormat):
                storage["input"], storage["output"] = given.this.args["input_format"].name, given.this.args["output_format"].name
            else:
                storage["format"] = given.this.name.lower()
        elif isinstance(given, exp.Property):
            parameters[given.this.name if isinstance(given.this, exp.Expression) else str(given.this)] = given.args["value"].name
        else:
            raise Refused(f"FAILED: ParseException: {given.sql('hive')}")
    if not location.startswith("s3://"):
        raise Refused(f"FAILED: SemanticException: the location {location!r} is not a folder in S3")
    reader, writer, serde = SERDES[storage["format"]]
    return {
        "TableType": "EXTERNAL_TABLE",
        "Parameters": parameters,
        "PartitionKeys": partitions,
        "StorageDescriptor": {
            "Columns": [column(definition) for definition in parsed.this.expressions],
            "Location": location,
            "InputFormat": storage["input"] or reader,
            "OutputFormat": storage["output"] or writer,
            "SerdeInfo": {"SerializationLibrary": storage["serde"] or serde, "Parameters": serde_parameters},
        },
    }


def alter_table(text: str) -> Statement:
    """The changes of a table that Athena knows."""
    match = re.match(rf"alter\s+table\s+{RELATION}\s+", text, re.IGNORECASE)
    if not match:
        raise Refused(f"FAILED: ParseException: {text[:80]}")
    name, change = named(match), text[match.end() :]
    if found := re.fullmatch(rf"rename\s+to\s+{RELATION}", change, re.IGNORECASE):
        return Statement("DDL", "rename", arguments={**name, "to": named(found)})
    if found := re.match(r"set\s+tblproperties\s*\(", change, re.IGNORECASE):
        given = properties(change[found.end() : closing(change, found.end() - 1)])
        return Statement("DDL", "set_properties", arguments={**name, "given": given})
    if re.match(r"add\s+(if\s+not\s+exists\s+)?partition\s*\(", change, re.IGNORECASE):
        lenient = bool(re.match(r"add\s+if\s+not\s+exists", change, re.IGNORECASE))
        added = re.findall(r"partition\s*\(([^)]*)\)(?:\s*location\s*'([^']*)')?", change, re.IGNORECASE)
        listed = [(properties(values), location) for values, location in added]
        return Statement("DDL", "add_partitions", arguments={**name, "listed": listed, "lenient": lenient})
    if found := re.match(r"drop\s+(?:if\s+exists\s+)?partition\s*\(([^)]*)\)", change, re.IGNORECASE):
        return Statement("DDL", "drop_partition", arguments={**name, "values": properties(found[1])})
    if found := re.match(r"add\s+columns\s*\(", change, re.IGNORECASE):
        listed_columns = pieces(change[found.end() : closing(change, found.end() - 1)])
        columns = [(name.strip("`"), kind) for name, kind in (defined_column(piece, HIVE_DDL_TYPES) for piece in listed_columns)]
        return Statement("DDL", "add_columns", arguments={**name, "columns": columns})
    if found := re.fullmatch(r"drop\s+column\s+`?(\w+)`?", change, re.IGNORECASE):
        return Statement("DDL", "drop_column", arguments={**name, "column": found[1]})
    raise Refused(f"FAILED: ParseException: alter table ... {change[:60]}")


def unload(text: str, start: int) -> Statement:
    """UNLOAD (query) TO 's3://...' WITH (...)."""
    end = closing(text, start)
    rest = re.fullmatch(r"\s*to\s+'(s3://[^']+)'\s*with\s*\((.*)\)\s*", text[end + 1 :], re.IGNORECASE | re.DOTALL)
    if not rest:
        raise Refused("SYNTAX_ERROR: UNLOAD (query) TO 's3://...' WITH (format = ...)")
    return Statement("DML", "unload", arguments={"text": text[start + 1 : end], "location": rest[1], "given": properties(rest[2])})
