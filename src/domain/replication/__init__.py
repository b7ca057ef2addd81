"""Replication: positions, what a replica says, what is left out."""
