-- Version 11: groups take turns, and whoever claims takes only some kinds.

DROP INDEX tasks_ready;
CREATE INDEX tasks_ready ON tasks(queue, kind, group_name, priority DESC) WHERE state = 3;

-- One row for each group, kind and priority of a queue that has ready tasks, or had some a moment ago.
-- Tasks without a group need none: together they are one group.
CREATE TABLE lines(
  queue      TEXT NOT NULL,
  group_name TEXT NOT NULL,
  kind       TEXT NOT NULL,
  rank       INTEGER NOT NULL, -- minus the priority
  turn       INTEGER,          -- of equal rank, the lowest is next; NULL: the group runs all that it may
  PRIMARY KEY (queue, group_name, kind, rank)
) STRICT, WITHOUT ROWID;

CREATE INDEX lines_in_turn ON lines(queue, kind, rank, turn) WHERE turn IS NOT NULL;

INSERT INTO lines
  SELECT queue, group_name, kind, -priority, min(seq) FROM tasks
  WHERE state = 3 AND group_name IS NOT NULL GROUP BY queue, group_name, kind, priority;

-- Of each kind apart.
DROP TABLE counters;
CREATE TABLE counters(
  queue TEXT NOT NULL,
  kind  TEXT NOT NULL,
  state INTEGER NOT NULL,
  n     INTEGER NOT NULL,
  PRIMARY KEY (queue, kind, state)
) STRICT, WITHOUT ROWID;

INSERT INTO counters SELECT queue, kind, state, count(*) FROM tasks GROUP BY queue, kind, state;
