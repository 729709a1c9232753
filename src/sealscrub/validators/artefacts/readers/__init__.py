"""What a file holds, as leaves: read in a child process that knows no key, no index and no row.

Nothing in here calls what a file names: pickles are read by a machine of our own that makes inert things only.
"""

__all__: list[str] = []
