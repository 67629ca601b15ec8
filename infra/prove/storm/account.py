"""The account of a round: what was answered 200, what is stored, what took effect, and whether they agree."""

import hashlib

from storm.quiet import records
from storm.world import COUNTS

ENDINGS = ("delivered", "applied")


def draw_up(world, endpoint, events):
    """Numbers, and everything that is wrong, as sentences: `lost` what did not happen, `doubled` what happened twice."""
    stored = {record["pk"]: record for record in records(world)}
    counts = {item["id"]: item["times"] for item in world.items(COUNTS)}
    account = _Account(stored, counts, endpoint.deliveries)
    for event in events.values():
        account.enter(event)
    account.look_for_strangers(events)
    return account.numbers | {"lost": account.lost, "doubled": account.doubled}


class _Account:
    def __init__(self, stored, counts, deliveries):
        self._stored, self._counts, self._deliveries = stored, counts, deliveries
        self.lost, self.doubled = [], []
        self._keys = {}
        numbers = ("events", "answered_200", "stored", "never_accepted", "effects", "delivered", "repeated_deliveries")
        self.numbers = dict.fromkeys(numbers, 0) | {"attempts": 0, "replays": 0}

    def _add(self, **numbers):
        for name, number in numbers.items():
            self.numbers[name] += number

    def enter(self, event):
        record = self._stored.get(event.pk)
        self._add(events=1, answered_200=event.accepted > 0, never_accepted=not event.accepted, stored=record is not None)
        if record is None:
            if event.accepted:
                self.lost.append(f"{event.pk} was answered 200 and is not stored")
            if self._counts.get(event.mark) or self._deliveries.get(event.mark):
                self.lost.append(f"{event.pk} took effect and is not stored")
            return
        self._add(attempts=record.get("attempts", 0), replays=record.get("replays", 0))
        if record["state"] != "PROCESSED":
            self.lost.append(f"{event.pk} is stored and stays {record['state']}")
            return
        if record.get("outcome") not in ENDINGS:
            self.lost.append(f"{event.pk} ended as {record.get('outcome')}")
        if "open_shard" in record or "expires_at" not in record:
            self.lost.append(f"{event.pk} is PROCESSED and still listed, or never expires")
        (self._effect if event.counts else self._delivery)(event)

    def _effect(self, event):
        times = self._counts.get(event.mark, 0)
        self._add(effects=times)
        if times == 0:
            self.lost.append(f"{event.pk} is PROCESSED without its effect")
        if times > 1:
            self.doubled.append(f"{event.pk} took effect {times} times")
        if event.mark in self._deliveries:
            self.doubled.append(f"{event.pk} has a handler and was delivered as well")

    def _delivery(self, event):
        """Once or more often; each time the same event, under the same names."""
        deliveries = self._deliveries.get(event.mark, [])
        self._add(delivered=bool(deliveries), repeated_deliveries=max(len(deliveries) - 1, 0))
        if not deliveries:
            self.lost.append(f"{event.pk} is PROCESSED and was never delivered")
            return
        key = hashlib.sha256(event.pk.encode()).hexdigest()
        if {delivery.key for delivery in deliveries} != {key}:
            self.doubled.append(f"{event.pk} was delivered under other keys than its own")
        names = {delivery.name for delivery in deliveries}
        if len(names) != 1 or not names.isdisjoint(self._keys):
            self.doubled.append(f"{event.pk} was delivered under {len(names)} ids, or under another event's")
        self._keys |= dict.fromkeys(names, event.pk)
        body_hash = hashlib.sha256(event.body).digest()
        if not all(delivery.signed and delivery.body_hash == body_hash for delivery in deliveries):
            self.lost.append(f"{event.pk} was delivered with another body or a wrong signature")

    def look_for_strangers(self, events):
        """Records, effects and deliveries of no event; and whether the counts of the sources are those of their events."""
        keys = {event.pk for event in events.values()}
        self.doubled += [f"{key} is a record of no event" for key in sorted(set(self._stored) - keys)]
        self.doubled += [f"{mark} was delivered and never sent" for mark in sorted(set(self._deliveries) - set(events))]
        sources = {event.source for event in events.values()}
        totals = {f"all of {source}": source for source in sources}
        self.doubled += [f"{mark} took effect and was never sent" for mark in sorted(set(self._counts) - set(events) - set(totals))]
        for total, source in sorted(totals.items()):
            single = sum(self._counts.get(event.mark, 0) for event in events.values() if event.source == source)
            if self._counts.get(total, 0) != single:
                self.doubled.append(f"{self._counts.get(total, 0)} effects of {source} were added up, {single} took place")
