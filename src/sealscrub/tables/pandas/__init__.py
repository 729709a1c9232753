"""pandas: DataFrames, their columns, indexes and metadata."""

__all__: list[str] = []
