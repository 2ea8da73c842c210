"""Everything that speaks HTTP; one blueprint per audience."""
