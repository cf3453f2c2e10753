"""Live streams: one reader for the whole process, a ring of ready bytes for each stream, one wake-up for everybody."""
