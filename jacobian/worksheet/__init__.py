"""Worksheets with keys, cut from derivations."""
