"""Layers with right backward passes, bugs put into them, right gradients on hard inputs, and fresh ones of each."""
