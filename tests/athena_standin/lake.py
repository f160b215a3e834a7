"""Where the tests of the Athena target work: the stand-in's bucket, or a prefix of a real one."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import boto3
import pyathena

from .server import BUCKET, REGION, AthenaStandIn

INVENTORIES = b"s3://inventories/"  # the bucket that the symlink files of the sample name


@dataclass
class Lake:
    """A bucket with what lands and what is built, and the databases of Glue whose names begin with `schema`."""

    bucket: str
    region: str
    prefix: str = ""
    schema: str = "dev"
    work_group: str = "primary"
    spark_work_group: str = ""
    endpoint: str = ""

    @classmethod
    def of(cls, server: AthenaStandIn) -> Self:
        """That of the stand-in."""
        return cls(BUCKET, REGION, spark_work_group="" if server.spark.missing else "spark", endpoint=server.endpoint)

    @classmethod
    def named(cls) -> Self | None:
        """That of the account whose credentials the environment has, where MILLRACE_TEST_ATHENA_BUCKET names a bucket."""

        def setting(name: str, default: str = "") -> str:
            return os.environ.get(f"MILLRACE_TEST_ATHENA_{name}", default)

        if not setting("BUCKET"):
            return None
        own = f"millrace_test_{os.getpid()}"
        return cls(
            setting("BUCKET"), setting("REGION", REGION), f"{own}/", own, setting("WORKGROUP", "primary"), setting("SPARK_WORKGROUP")
        )

    @property
    def _keys(self) -> dict[str, str]:
        if not self.endpoint:
            return {"region_name": self.region}
        return {
            "region_name": self.region,
            "endpoint_url": self.endpoint,
            "aws_access_key_id": "stand-in",
            "aws_secret_access_key": "stand-in",
        }

    def client(self, service: str) -> Any:
        """A client of boto3."""
        return boto3.client(service, **self._keys)  # type: ignore[call-overload]

    @property
    def environment(self) -> dict[str, str]:
        """What leads a dbt command here."""
        root = f"s3://{self.bucket}/{self.prefix}"
        kept = {name: value for name, value in os.environ.items() if name.startswith("AWS_")}
        led = {
            "AWS_ENDPOINT_URL": self.endpoint, "AWS_ACCESS_KEY_ID": "stand-in", "AWS_SECRET_ACCESS_KEY": "stand-in",
        } if self.endpoint else kept  # fmt: skip
        return {
            **led,
            "AWS_REGION": self.region,
            "MILLRACE_TARGET": "athena",
            "MILLRACE_SCHEMA": self.schema,
            "MILLRACE_LANDING": f"{root}landing",
            "MILLRACE_ATHENA_STAGING_DIR": f"{root}results/",
            "MILLRACE_ATHENA_DATA_DIR": f"{root}data/",
            "MILLRACE_ATHENA_WORKGROUP": self.work_group,
            "MILLRACE_ATHENA_SPARK_WORKGROUP": self.spark_work_group,
        }

    def keys(self, folder: str) -> dict[str, int]:
        """Objects whose names begin so, below the prefix, with their sizes."""
        pages = self.client("s3").get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=self.prefix + folder)
        return {item["Key"].removeprefix(self.prefix): item["Size"] for page in pages for item in page.get("Contents", [])}

    def land(self, folder: Path) -> None:
        """Puts the files of a landing folder there that are not there yet, or have another size. Symlinks name lists where they lie."""
        client, known = self.client("s3"), self.keys("landing/")
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            key, content = f"landing/{path.relative_to(folder).as_posix()}", path.read_bytes()
            if path.name == "symlink.txt":
                content = content.replace(INVENTORIES, f"s3://{self.bucket}/{self.prefix}landing/s3_inventory/".encode())
            if known.get(key) != len(content):
                client.put_object(Bucket=self.bucket, Key=self.prefix + key, Body=content)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Rows of a query. Schemas are written as those of a developer, dev_<layer>."""
        with pyathena.connect(  # type: ignore[call-overload]
            s3_staging_dir=f"s3://{self.bucket}/{self.prefix}results/", work_group=self.work_group, poll_interval=0.05, **self._keys
        ) as connection:
            cursor = connection.cursor()
            cursor.execute(query.replace("dev_", f"{self.schema}_"))
            return [tuple(row) for row in cursor.fetchall()]

    def tables(self) -> dict[str, dict[str, Any]]:
        """Tables and views of Glue by schema and name."""
        client = self.client("glue")
        found = {}
        for page in client.get_paginator("get_databases").paginate():
            for database in page["DatabaseList"]:
                if database["Name"].startswith(f"{self.schema}_"):
                    for tables in client.get_paginator("get_tables").paginate(DatabaseName=database["Name"]):
                        found.update({f"{database['Name']}.{table['Name']}": table for table in tables["TableList"]})
        return found

    def clear(self) -> None:
        """Removes the databases and the objects."""
        glue, storage = self.client("glue"), self.client("s3")
        for name in {name.split(".")[0] for name in self.tables()}:
            glue.delete_database(Name=name)
        for key in self.keys(""):
            storage.delete_object(Bucket=self.bucket, Key=self.prefix + key)
