"""Models: pydantic classes that say how an item looks; the codec between them and the wire; expressions on fields."""
