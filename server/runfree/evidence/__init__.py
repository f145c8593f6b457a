"""Named facts read off a sample, one rule a module."""
