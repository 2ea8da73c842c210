"""Robots that live the hour through the front door."""
