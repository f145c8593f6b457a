"""A bounded abstract interpreter: what a test computes, read without running it."""
