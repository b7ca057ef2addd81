"""Runs the operations of a built plugin in an interpreter of their own.

`child.py` is the plugin's side (one process), `process.py` its life, `libraries.py` what the
engine answers to library calls, `runtime.py` the one call that the workflows use.
"""
