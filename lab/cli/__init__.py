"""The lab on the command line; other packages add commands of their own to it."""
