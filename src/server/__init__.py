"""The life of one MariaDB server on a dataset, staging and VDB alike."""
