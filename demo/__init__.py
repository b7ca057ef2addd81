"""A realistic MariaDB to show the plugin with: data set, writer, exact comparison of servers."""
