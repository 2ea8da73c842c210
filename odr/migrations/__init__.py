"""How the tables of an installation come to be and change, one revision after the other."""
