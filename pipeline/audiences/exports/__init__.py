"""What advertisers' platforms take, one file a format; each a pure function from ledger rows to bytes."""
