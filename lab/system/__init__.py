"""What the lab uses of this machine: storage, mounts, network, processes."""
