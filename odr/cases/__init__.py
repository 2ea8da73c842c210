"""What the quarrel is and who sits at the table."""
