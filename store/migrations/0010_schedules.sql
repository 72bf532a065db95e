-- Version 10: tasks that come at their times, by schedules.

CREATE TABLE schedules(
  number          INTEGER PRIMARY KEY AUTOINCREMENT, -- order of creation
  name            TEXT NOT NULL UNIQUE,
  cron            TEXT,             -- NULL: every_us counts
  every_us        INTEGER,
  anchor_us       INTEGER NOT NULL, -- what every_us counts from
  time_zone       TEXT NOT NULL,
  task            TEXT NOT NULL,    -- JSON, as schedule_row.cpp writes it; all but the arguments
  args            TEXT NOT NULL,    -- JSON
  missed          INTEGER NOT NULL, -- number of missed_policy (task/schedule.hpp)
  overlap         INTEGER NOT NULL, -- number of overlap_policy
  paused          INTEGER NOT NULL,
  created_at_us   INTEGER NOT NULL,
  updated_at_us   INTEGER NOT NULL,
  next_run_at_us  INTEGER,          -- the next nominal time; NULL: none
  look_at_us      INTEGER,          -- when to look at it: then, or later if that failed
  last_run_at_us  INTEGER,
  last_task       INTEGER,          -- seq of the last task that it made
  last_task_tail  INTEGER,
  outcome         INTEGER,          -- number of fire_outcome::what
  outcome_at_us   INTEGER,
  outcome_detail  TEXT
) STRICT;

CREATE INDEX schedules_due ON schedules(look_at_us) WHERE look_at_us IS NOT NULL;

ALTER TABLE tasks ADD COLUMN schedule TEXT;         -- name of the one that made it
ALTER TABLE tasks ADD COLUMN nominal_at_us INTEGER; -- when it was meant to; NULL: by a client's order

-- At most one task for each nominal time of a schedule, whatever else goes wrong.
CREATE UNIQUE INDEX tasks_by_nominal_time ON tasks(schedule, nominal_at_us)
  WHERE schedule IS NOT NULL;
CREATE INDEX tasks_by_schedule ON tasks(schedule) WHERE schedule IS NOT NULL;
