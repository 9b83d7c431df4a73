-- Reviews: what a customer says of a completed booking, and what the provider answers.

-- Kept beside the booking, so that a list of bookings tells it without reading reviews. `reviewed_at` stays when the review is deleted: there is one in its life.
ALTER TABLE bookings
  ADD COLUMN review_id     bigint,
  ADD COLUMN review_rating smallint,
  ADD COLUMN reviewed_at   timestamptz;

ALTER TABLE organizations
  ADD COLUMN rating_sum   bigint NOT NULL DEFAULT 0,
  ADD COLUMN review_count integer NOT NULL DEFAULT 0;

CREATE TABLE reviews (
  id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  booking_id      bigint NOT NULL REFERENCES bookings CONSTRAINT reviews_once UNIQUE,
  provider_id     bigint NOT NULL REFERENCES users,
  service_id      bigint NOT NULL REFERENCES services,
  organization_id uuid REFERENCES organizations,
  -- Null for a guest, and for whoever has erased their account.
  customer_id     bigint REFERENCES users,
  rating          smallint NOT NULL CHECK (rating BETWEEN 1 AND 5),
  text            text NOT NULL,
  answer          text,
  -- Null where whoever answered has erased their account.
  answered_by     bigint REFERENCES users,
  answered_at     timestamptz,
  answer_edited_at timestamptz,
  hidden_at       timestamptz,
  hidden_reason   text,
  created_at      timestamptz NOT NULL,
  edited_at       timestamptz,
  CHECK ((answer IS NULL) = (answered_at IS NULL)),
  CHECK ((hidden_at IS NULL) = (hidden_reason IS NULL))
);
-- What everybody may read, by whose page it stands on: newest first, or the best or worst first.
CREATE INDEX reviews_of_provider ON reviews (provider_id, id) WHERE hidden_at IS NULL;
CREATE INDEX reviews_of_provider_by_rating ON reviews (provider_id, rating, id) WHERE hidden_at IS NULL;
CREATE INDEX reviews_of_service ON reviews (service_id, id) WHERE hidden_at IS NULL;
CREATE INDEX reviews_of_service_by_rating ON reviews (service_id, rating, id) WHERE hidden_at IS NULL;
CREATE INDEX reviews_of_organization ON reviews (organization_id, id) WHERE hidden_at IS NULL AND organization_id IS NOT NULL;
CREATE INDEX reviews_of_organization_by_rating ON reviews (organization_id, rating, id) WHERE hidden_at IS NULL AND organization_id IS NOT NULL;
-- Own lists show the hidden ones too.
CREATE INDEX reviews_by_customer ON reviews (customer_id, id) WHERE customer_id IS NOT NULL;
CREATE INDEX reviews_to_provider ON reviews (provider_id, id);
CREATE INDEX reviews_to_organization ON reviews (organization_id, id) WHERE organization_id IS NOT NULL;
CREATE INDEX reviews_by_answerer ON reviews (answered_by) WHERE answered_by IS NOT NULL;
CREATE INDEX reviews_hidden ON reviews (id) WHERE hidden_at IS NOT NULL;

-- How many visible reviews of each rating there are of a provider, a service and an organization: exact, in the transaction of the review.
CREATE TABLE review_totals (
  kind  text NOT NULL CHECK (kind IN ('provider', 'service', 'organization')),
  key   text NOT NULL,
  one   integer NOT NULL DEFAULT 0 CHECK (one >= 0),
  two   integer NOT NULL DEFAULT 0 CHECK (two >= 0),
  three integer NOT NULL DEFAULT 0 CHECK (three >= 0),
  four  integer NOT NULL DEFAULT 0 CHECK (four >= 0),
  five  integer NOT NULL DEFAULT 0 CHECK (five >= 0),
  PRIMARY KEY (kind, key)
);

CREATE TABLE review_reports (
  id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  review_id   bigint NOT NULL REFERENCES reviews ON DELETE CASCADE,
  reporter_id bigint NOT NULL REFERENCES users,
  reason      text NOT NULL,
  -- The words as they were when they were reported.
  text        text NOT NULL,
  answer      text,
  status      text NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'resolved', 'dismissed')),
  note        text NOT NULL DEFAULT '',
  resolved_by bigint REFERENCES users,
  resolved_at timestamptz,
  created_at  timestamptz NOT NULL,
  CONSTRAINT review_reports_once UNIQUE (review_id, reporter_id)
);
CREATE INDEX review_reports_by_status ON review_reports (status, id);
CREATE INDEX review_reports_by_reporter ON review_reports (reporter_id);

-- Who was invited to write a review, once for each booking.
CREATE TABLE review_invitations (
  booking_id bigint PRIMARY KEY REFERENCES bookings,
  invited_at timestamptz NOT NULL
);
