"""What an engine does with a plugin's operations and a dataset, one module a kind of object."""
