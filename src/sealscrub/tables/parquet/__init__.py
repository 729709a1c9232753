"""Parquet files: one fast streaming pass, and a slower one for the types that it does not keep."""

__all__: list[str] = []
