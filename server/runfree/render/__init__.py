"""A prediction becomes a table, JSON, SARIF, a lens, a hover or a diagnostic."""
