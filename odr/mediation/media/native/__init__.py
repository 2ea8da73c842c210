"""The optional forwarding thread in C: its source, how it is built, how Python speaks to it."""
