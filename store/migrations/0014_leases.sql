-- Version 14: attempts that workers outside of this process have, for a time. They outlive the server.

CREATE TABLE leases(
  seq           INTEGER PRIMARY KEY, -- of the task, which is running
  secret        INTEGER NOT NULL,    -- of the token
  worker        TEXT NOT NULL,
  length_us     INTEGER NOT NULL,    -- as asked for
  expires_at_us INTEGER NOT NULL,
  deadline_us   INTEGER NOT NULL     -- of the attempt: its lease ends then in any case
) STRICT;

CREATE INDEX leases_expiring ON leases(expires_at_us);
