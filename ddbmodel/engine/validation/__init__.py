"""What a request must be before anything is read for it: members, attribute values, expressions, keys; all pure."""
