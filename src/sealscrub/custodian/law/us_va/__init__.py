"""Virginia's sealing law: Va. Code §§ 19.2-392.2 and 19.2-392.5 to 19.2-392.17."""

__all__: list[str] = []
