"""The thread in C that sends and receives for all participants of a run; it knows no server."""
