"""What the seals reach over a whole estate: rows, elements, and what depends on them."""

__all__: list[str] = []
