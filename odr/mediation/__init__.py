"""The hour in the room."""
