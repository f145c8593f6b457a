"""Which tests are new, which focal file they exercise, and what is ignored."""
