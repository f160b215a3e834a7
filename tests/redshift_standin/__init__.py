"""A local stand-in for Amazon Redshift, for tests only: PostgreSQL behind a proxy that speaks Redshift's SQL, and refuses the rest."""

from .server import RedshiftStandIn

__all__ = ["RedshiftStandIn"]
