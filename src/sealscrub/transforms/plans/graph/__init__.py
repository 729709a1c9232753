"""How a plan's graph is drawn: where boxes and lines go, and the page that shows them."""

__all__: list[str] = []
