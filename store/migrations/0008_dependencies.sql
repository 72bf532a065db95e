-- Version 8: tasks wait for others.

ALTER TABLE tasks ADD COLUMN on_dependency_failure INTEGER; -- number of dependency_policy; NULL: comes after none
ALTER TABLE tasks ADD COLUMN awaited INTEGER NOT NULL DEFAULT 0; -- 1: tasks came after it, look into dependencies

-- Which task comes after which; kept as long as the downstream one. The id of an upstream task is whole
-- here, since it may be deleted.
CREATE TABLE dependencies(
  upstream   INTEGER NOT NULL, -- seq
  downstream INTEGER NOT NULL, -- seq
  tail       INTEGER NOT NULL, -- of upstream
  pending    INTEGER NOT NULL, -- 1: upstream has not ended since
  PRIMARY KEY (upstream, downstream)
) STRICT, WITHOUT ROWID;

CREATE INDEX dependencies_by_downstream ON dependencies(downstream);

-- How many upstream tasks each waiting task still waits for. Apart from tasks, since a row of that is long
-- and this changes with every upstream task that ends.
CREATE TABLE waiting(
  seq INTEGER PRIMARY KEY,
  n   INTEGER NOT NULL
) STRICT;
