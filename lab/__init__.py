"""A Delphix engine small enough to read: it runs a built plugin artifact on this machine."""
