"""Running the desk: what it says about itself in logs, metrics and health."""
