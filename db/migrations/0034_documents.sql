-- Papers of providers, and what the reviewers say of them. The files themselves are attachments of kind `document`.
CREATE TABLE documents (
  id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  owner_id    bigint NOT NULL REFERENCES users ON DELETE CASCADE,
  title       text NOT NULL,
  type        text NOT NULL CHECK (type IN ('identity', 'certificate', 'licence', 'insurance', 'tax', 'other')),
  -- `pending_scan`: the scanner for viruses could not be reached when it came; no reviewer sees the file until it has been.
  status      text NOT NULL CHECK (status IN ('pending_scan', 'pending', 'approved', 'rejected', 'expired')),
  -- Why it was rejected.
  reason      text CHECK ((reason IS NULL) = (status <> 'rejected')),
  -- The last day on which it holds, in the zone of the installation.
  valid_until date,
  reviewed_by bigint REFERENCES users ON DELETE SET NULL,
  reviewed_at timestamptz,
  created_at  timestamptz NOT NULL,
  updated_at  timestamptz NOT NULL
);
CREATE INDEX documents_of_owner ON documents (owner_id, id DESC);
CREATE INDEX documents_by_status ON documents (status, id);
CREATE INDEX documents_expiring ON documents (valid_until) WHERE status = 'approved' AND valid_until IS NOT NULL;

-- Verified providers can be found by it.
ALTER TABLE provider_listings ADD COLUMN is_verified boolean NOT NULL DEFAULT false;
UPDATE provider_listings l SET is_verified = true FROM provider_profiles p WHERE p.user_id = l.user_id AND p.verified_at IS NOT NULL;
CREATE INDEX provider_listings_verified ON provider_listings (rating_tenths, user_id) WHERE is_listed AND is_verified;
