"""From the end of a storm to quiet: every record PROCESSED, no ticket in the queue, none in the dead-letter queue."""

import random
import time

# A ticket that was lost is sent again by a sweep two to three minutes later; a second chance takes as long again.
LONGEST_SECS = 600
LOOK_EVERY_SECS = 2
# Which part of the dead events is replayed by command; the others wait for the redrive of their tickets.
REPLAYED_SHARE = 0.3
# By when every redrive is through: what is dead then has no ticket any more.
REDRIVEN_BY_SECS = 60
TEN_MINUTES = 600_000


def wait(world, operator, seed, hasten):
    """Waits; the records that are not PROCESSED when time is up (none: all is quiet), and what it saw dead.

    With `hasten`, time passes for open records as a clock would let it: they were last sent a ticket ten minutes ago.
    """
    dice = random.Random(f"{seed}/quiet")
    started = time.monotonic()
    dead_seen, chosen = set(), set()
    while True:
        waited = time.monotonic() - started
        unfinished = [record for record in records(world) if record["state"] != "PROCESSED"]
        dead = {record["pk"] for record in unfinished if record["state"] == "DEAD"}
        for key in sorted(dead - dead_seen):
            if dice.random() < REPLAYED_SHARE:
                chosen.add(key)
        dead_seen |= dead
        late = dead if waited > REDRIVEN_BY_SECS and not world.tickets(world.dead_letter_url) else set()
        operator.replay(sorted(dead & (chosen | late)))
        if not unfinished and not world.tickets(world.dead_letter_url) and (hasten or not world.tickets(world.queue_url)):
            return [], len(dead_seen)
        if waited > LONGEST_SECS:
            return unfinished, len(dead_seen)
        if hasten:
            for record in unfinished:
                _let_ten_minutes_pass(world, record["pk"])
        time.sleep(LOOK_EVERY_SECS)


def records(world):
    """Every event's record; not what else the table holds (versions, watermarks, memory of the sweep)."""
    return [item for item in world.items(world.table) if item["pk"].startswith(("E#", "R#"))]


def _let_ten_minutes_pass(world, key):
    then = {":then": {"N": str(int(time.time() * 1000) - TEN_MINUTES)}, ":open": {"S": "open#"}}
    try:
        world.dynamodb.update_item(
            TableName=world.table,
            Key={"pk": {"S": key}},
            ConditionExpression="begins_with(open_shard, :open)",
            UpdateExpression="SET last_sent_at = :then, index_at = :then",
            ExpressionAttributeValues=then,
        )
    except world.dynamodb.exceptions.ConditionalCheckFailedException:
        pass
