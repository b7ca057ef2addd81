"""All access to hosts: runs one step and returns a typed answer or raises a typed error."""
