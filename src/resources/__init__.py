"""Bash: `lib/*.sh` hold functions, every other script is one remote step."""
