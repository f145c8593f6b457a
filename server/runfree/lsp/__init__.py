"""Thin language-server handlers over the rest of the package."""
