-- Version 5: at most one of several tasks; tasks that expire; whose a task is.

ALTER TABLE tasks ADD COLUMN unique_key TEXT;           -- as asked for, like the next three
ALTER TABLE tasks ADD COLUMN unique_until INTEGER;      -- number of unique_until (task/unique.hpp)
ALTER TABLE tasks ADD COLUMN unique_window_us INTEGER;  -- 0: no window
ALTER TABLE tasks ADD COLUMN unique_conflict INTEGER;   -- number of unique_conflict
ALTER TABLE tasks ADD COLUMN holds_key INTEGER;         -- 1: no other may; NULL: not, or not any more
ALTER TABLE tasks ADD COLUMN expires_at_us INTEGER;
ALTER TABLE tasks ADD COLUMN group_name TEXT;

CREATE UNIQUE INDEX tasks_unique ON tasks(unique_key) WHERE holds_key = 1;
CREATE INDEX tasks_expiring ON tasks(expires_at_us)
  WHERE expires_at_us IS NOT NULL AND state IN (1, 2, 3, 5);
CREATE INDEX tasks_by_group ON tasks(group_name) WHERE group_name IS NOT NULL;
