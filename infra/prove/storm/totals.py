"""What finished rounds came to, added up, and how it is printed."""


class Totals:
    """Numbers are added up, by name; what was wrong is kept in words, as lists."""

    def __init__(self):
        self.kept = {"rounds": 0, "kills": 0, "lost": [], "doubled": []}

    def add(self, round_):
        self.kept = _sum(self.kept, round_ | {"rounds": 1})

    def line(self, seed, first, is_done):
        """The totals as one object. `counts` are its numbers in one flat list and `found` all that was wrong, for whoever
        adds up several runs; `next` is the round with which the next one begins."""
        lists = {name: len(value) for name, value in self.kept.items() if isinstance(value, list)}
        found = [sentence for value in self.kept.values() if isinstance(value, list) for sentence in value]
        counts = self.kept | lists
        position = {"seed": seed, "next": first + self.kept["rounds"], "done": is_done}
        return position | counts | {"counts": _flat(counts), "found": found}


def _flat(numbers, prefix=""):
    flat = {}
    for name, value in numbers.items():
        flat |= _flat(value, f"{prefix}{name}: ") if isinstance(value, dict) else {prefix + name: value}
    return flat


def _sum(left, right):
    """Numbers and lists of the same name added, in dictionaries as well."""
    total = dict(left)
    for name, value in right.items():
        if isinstance(value, dict):
            total[name] = _sum(total.get(name, {}), value)
        else:
            total[name] = total[name] + value if name in total else value
    return total
