-- Version 3: tasks are cancelled, run once more, and deleted.

ALTER TABLE tasks ADD COLUMN cancel_requested INTEGER NOT NULL DEFAULT 0;

-- The one row: the largest seq of a deleted task, which must not be given again.
CREATE TABLE newest_deleted(seq INTEGER NOT NULL) STRICT;
INSERT INTO newest_deleted VALUES (0);
