"""SQL of recipes: parsed, judged, and run by DuckDB in a private database; it knows nothing of plans."""

__all__: list[str] = []
