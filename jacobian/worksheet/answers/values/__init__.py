"""Computing with a tree: readings, total operations, indices."""
