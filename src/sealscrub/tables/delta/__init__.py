"""Delta Lake tables."""

__all__: list[str] = []
