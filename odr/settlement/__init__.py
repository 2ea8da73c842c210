"""What they agreed, in words, figures and signatures."""
