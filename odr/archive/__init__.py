"""The closed case goes to the court."""
