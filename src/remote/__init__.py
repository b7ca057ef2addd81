"""The only door to a host: run one script, get a typed answer or a typed error."""
