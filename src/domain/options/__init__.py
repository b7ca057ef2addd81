"""Option files and settings: who may set what, how each is written, what a start runs."""
