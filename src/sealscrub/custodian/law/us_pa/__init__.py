"""Pennsylvania: limited access and expungement, 18 Pa.C.S. ch. 91. Nothing here is legal advice."""

__all__: list[str] = []
