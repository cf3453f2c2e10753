"""Order books kept from a venue's stream, each proved right by the venue's own checks or blocked with the reason."""
