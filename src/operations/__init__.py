"""What Delphix asks for: each module answers one group of operations. Decides; no shell text."""
