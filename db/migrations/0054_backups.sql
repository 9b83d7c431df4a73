-- What was backed up when, and what became of it. The backups themselves say what they are (their names bear kind and moment, their seals prove the rest), so that
-- one can be restored without this table.
CREATE TABLE backups (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  kind text NOT NULL CHECK (kind IN ('database', 'files')),
  -- Its name in every place, such as database-20260112t120000z-3f1f5a6b; null until it begins.
  name text CONSTRAINT backups_name_key UNIQUE,
  -- What asked for it.
  cause text NOT NULL CHECK (cause IN ('schedule', 'request', 'console')),
  requested_by bigint CONSTRAINT backups_requested_by_fkey REFERENCES users ON DELETE SET NULL,
  status text NOT NULL CHECK (status IN ('waiting', 'running', 'done', 'failed')),
  created_at timestamptz NOT NULL,
  started_at timestamptz,
  finished_at timestamptz,
  -- When it was restored into a database of its own and found to be the same, or every file was there; null where that was not done.
  verified_at timestamptz,
  -- Why it was not verified, though it was made.
  unverified_reason text,
  size_bytes bigint,
  sha256 text,
  -- Rows of a database, or files.
  items bigint,
  -- How many bytes were new in a backup of files.
  new_bytes bigint,
  -- Where it is: [{"place": "directory /mnt/backups", "error": null}].
  places jsonb NOT NULL DEFAULT '[]',
  -- Since when it is in no place any more.
  deleted_at timestamptz,
  error text
);
CREATE INDEX backups_requested_by ON backups (requested_by) WHERE requested_by IS NOT NULL;
CREATE INDEX backups_good ON backups (kind, finished_at) WHERE status = 'done';
