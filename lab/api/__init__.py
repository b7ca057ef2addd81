"""The engine's own door: its REST interface over the lab's workflows, for genuine clients.

Written after the interface that delphixpy 1.11.52, dvp 5.2 and delphix-dct-api 2026.5 speak; what
they showed is on the page docs/maintainers/engine-api.md. It is generic: it knows Delphix.
"""
