"""The numbered migrations: each runs once, in order, and is never changed after it has been released."""
