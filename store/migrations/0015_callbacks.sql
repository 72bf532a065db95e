-- Version 15: a task that has ended may tell a URL of it.

ALTER TABLE tasks ADD COLUMN callback_url TEXT; -- NULL: none
