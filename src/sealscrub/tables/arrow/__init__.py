"""pyarrow: Tables, RecordBatches, readers and datasets, and the schemas that Parquet shares with them."""

__all__: list[str] = []
