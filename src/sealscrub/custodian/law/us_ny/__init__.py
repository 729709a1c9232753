"""New York."""

__all__: list[str] = []
