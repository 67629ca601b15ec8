"""The parts of kills.py: a stack under kills and faults, and the account of what became of each event."""
