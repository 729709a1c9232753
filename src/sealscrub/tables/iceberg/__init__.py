"""Apache Iceberg tables, by their catalogs."""

__all__: list[str] = []
