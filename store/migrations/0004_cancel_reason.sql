-- Version 4: a cancelled task tells why.

ALTER TABLE tasks ADD COLUMN cancel_reason INTEGER; -- number of cancel_reason (task/state.hpp)

UPDATE tasks SET cancel_reason = 1 WHERE state = 8;
