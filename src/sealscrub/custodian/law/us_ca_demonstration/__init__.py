"""California, as a demonstration that a second place needs no change of the engine. Nothing of it was checked."""

__all__: list[str] = []
