"""What delimited text and JSON Lines share: bytes in blocks of whole records, and every other byte as it was."""

__all__: list[str] = []
