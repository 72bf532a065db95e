-- Version 16: a task that is to be told of is kept until it was.

ALTER TABLE tasks ADD COLUMN callback_of INTEGER; -- the seq of the task whose end it tells; NULL: none
CREATE INDEX tasks_callbacks ON tasks(callback_of) WHERE callback_of IS NOT NULL;
