"""The matching engine of the loopback exchange: pure, exact, deterministic. Its public face is `quorate.exchange`."""
