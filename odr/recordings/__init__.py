"""The films of a session: what was written, how it plays, how it is checked."""
