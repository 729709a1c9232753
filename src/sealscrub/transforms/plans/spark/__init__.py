"""Plans whose tables Spark reads and writes."""

__all__: list[str] = []
