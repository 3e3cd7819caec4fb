"""Typed answers checked: read as students write, compared by numbers, wrong ones with the misconception's name."""
