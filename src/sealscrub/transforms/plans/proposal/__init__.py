"""How a plan is proposed: looking into a folder, profiling its tables, guessing, and writing it as TOML."""

__all__: list[str] = []
