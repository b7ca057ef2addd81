"""What Delphix asks for: each module answers one group of plugin operations. Decides; holds no shell text."""
