"""What own.jsonl is made of."""
