-- Version 6: what handlers say while they run.

ALTER TABLE tasks ADD COLUMN progress REAL; -- of the last attempt, like its message; NULL: none told
ALTER TABLE tasks ADD COLUMN progress_message TEXT;

CREATE TABLE task_log(
  seq     INTEGER NOT NULL,
  n       INTEGER NOT NULL, -- counts the task's lines from 1
  at_us   INTEGER NOT NULL,
  attempt INTEGER NOT NULL,
  line    TEXT NOT NULL,
  bytes   INTEGER NOT NULL, -- of this line and all before it; at its maximum: the log is full
  PRIMARY KEY (seq, n)
) STRICT, WITHOUT ROWID;
