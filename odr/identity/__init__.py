"""Who is this person, and how do we know."""
