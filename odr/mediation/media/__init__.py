"""The media node: rooms live and are recorded here; it knows seats, steps and bytes, no person and no case."""
