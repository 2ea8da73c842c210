"""The media plane against others on the same job; it measures, and knows nothing of what it measures but its doors."""
