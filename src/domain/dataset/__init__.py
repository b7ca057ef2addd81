"""A dataset: where things lie in it, what it says of itself, whose data files it holds."""
