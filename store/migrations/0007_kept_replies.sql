-- Version 7: what was answered to requests with an Idempotency-Key, to be given again.

-- Rows are appended and expire in that order, so only the key's index is written at random places.
CREATE TABLE kept_replies(
  seq          INTEGER PRIMARY KEY,  -- grows with kept_at_us, unless the clock was put back
  kept_at_us   INTEGER NOT NULL,
  key          TEXT NOT NULL UNIQUE, -- as the client sent it
  fingerprint  BLOB NOT NULL,        -- of the request
  status       INTEGER NOT NULL,
  content_type TEXT NOT NULL,
  headers      TEXT NOT NULL,        -- "Name: value" and CR LF, for each beyond the usual ones
  body         BLOB NOT NULL
) STRICT;
