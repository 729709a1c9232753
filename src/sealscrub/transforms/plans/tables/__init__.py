"""A plan's tables, wherever they are kept: frames, files, databases."""

__all__: list[str] = []
