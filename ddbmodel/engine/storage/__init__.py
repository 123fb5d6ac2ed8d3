"""Where the engine keeps its bytes."""
