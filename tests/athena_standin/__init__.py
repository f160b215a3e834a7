"""A local stand-in for Amazon Athena, for tests only: moto's S3 and Glue, and Athena's API over a Trino server that reads both."""

from .lake import Lake
from .server import AthenaStandIn

__all__ = ["AthenaStandIn", "Lake"]
