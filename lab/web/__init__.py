"""The page of the lab: its sources, the built files and the pictures of it."""
