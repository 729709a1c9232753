"""What the seals reach over a whole estate: rows, elements, and what hangs on them."""

__all__: list[str] = []
