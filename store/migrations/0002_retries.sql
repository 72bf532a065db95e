-- Version 2: failed attempts are followed by others.

ALTER TABLE tasks ADD COLUMN max_attempts INTEGER NOT NULL DEFAULT 5;
ALTER TABLE tasks ADD COLUMN max_crashes INTEGER NOT NULL DEFAULT 3;
ALTER TABLE tasks ADD COLUMN failures INTEGER NOT NULL DEFAULT 0; -- attempts that failed
ALTER TABLE tasks ADD COLUMN retry TEXT; -- JSON object, as task_row.cpp writes it; NULL: the default

ALTER TABLE attempts ADD COLUMN next_run_at_us INTEGER; -- when the task was to run again

-- Until this version a failed attempt failed its task.
UPDATE tasks SET failures = 1 WHERE state = 7 AND error_type <> 'worker_lost';
