"""A game's back end: players and their coins, a history of sessions, and a leaderboard that takes any load."""
