-- Version 9: what queues are told. A queue without a row has the defaults.

CREATE TABLE queues(
  name              TEXT PRIMARY KEY,
  concurrency       INTEGER,          -- NULL: no limit; likewise the next two
  group_concurrency INTEGER,
  rate_limit        INTEGER,
  rate_per_us       INTEGER,          -- NULL exactly if rate_limit is
  weight            REAL NOT NULL,
  paused            INTEGER NOT NULL, -- 1: nothing starts
  paused_until_us   INTEGER,          -- when the pause ends by itself
  preset            INTEGER NOT NULL, -- 1: from the configuration, which it follows at each start
  tokens            REAL,             -- in the bucket of the rate, at that time; NULL: it is full
  tokens_at_us      INTEGER
) STRICT, WITHOUT ROWID;
