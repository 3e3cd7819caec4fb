"""A page from a file, a module for each format."""
