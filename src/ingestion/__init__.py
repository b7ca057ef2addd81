"""Filling a staging dataset: one module for each method."""
