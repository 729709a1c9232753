"""JSON Lines."""

__all__: list[str] = []
