"""Derived columns and tables: their recipes, tried on the data as it is and run on what is left."""

__all__: list[str] = []
