"""polars: DataFrames and LazyFrames."""

__all__: list[str] = []
