"""The uploaded plugin: its artifact, its schemas, and the process that runs its code."""
