"""What texts mention that an index holds: the one reading of texts that scrubs, guards and audits share."""

__all__: list[str] = []
