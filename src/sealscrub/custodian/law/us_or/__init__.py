"""Oregon: ORS 137.223 to 137.226 and 419A.260 to 419A.271, as dated rules."""

__all__: list[str] = []
