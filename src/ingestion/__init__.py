"""How data gets into a staging server: one module per way in."""
