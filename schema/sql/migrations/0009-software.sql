-- Which version of the program each peer said that it runs.
ALTER TABLE peer_status ADD COLUMN software INTEGER NOT NULL DEFAULT 0;
