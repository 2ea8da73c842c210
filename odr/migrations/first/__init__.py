"""The tables of the first revision, frozen as they were, one file per room."""
