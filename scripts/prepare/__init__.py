"""What `make` needs before it can run the desk: Python packages, Node, the built page, a browser for the tests."""
