"""The bench: how long each operation takes, beside the raw tool on the same data in one run."""
