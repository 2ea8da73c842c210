"""What the court reads: counts over its cases."""
