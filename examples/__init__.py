"""Programs that show what the library is for; each is run by the tests."""
