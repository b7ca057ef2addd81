"""Hosts: small machines made of namespaces, how they are powered, and how a command enters one."""
