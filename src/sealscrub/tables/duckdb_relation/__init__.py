"""DuckDB relations, scrubbed on their own connections."""

__all__: list[str] = []
