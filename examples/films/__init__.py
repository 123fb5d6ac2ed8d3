"""A media catalogue on real data: the main job of the library from end to end. Run ``make demo``."""
