-- What is sold: services of a provider or of an organization, with the masters who offer them and the rooms they may take.

CREATE TABLE services (
  id                    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  -- The seller is the organization where there is one, else the provider.
  provider_id           bigint REFERENCES users,
  organization_id       uuid REFERENCES organizations,
  created_by            bigint REFERENCES users ON DELETE SET NULL,
  title                 text NOT NULL,
  description           text NOT NULL,
  price_minor           bigint NOT NULL CHECK (price_minor >= 0),
  currency              text NOT NULL,
  deposit_minor         bigint CHECK (deposit_minor >= 0),
  duration_minutes      integer NOT NULL DEFAULT 60 CHECK (duration_minutes BETWEEN 1 AND 10080),
  buffer_before_minutes integer NOT NULL DEFAULT 0 CHECK (buffer_before_minutes BETWEEN 0 AND 1440),
  buffer_after_minutes  integer NOT NULL DEFAULT 0 CHECK (buffer_after_minutes BETWEEN 0 AND 1440),
  slot_step_minutes     integer NOT NULL DEFAULT 30 CHECK (slot_step_minutes BETWEEN 1 AND 1440),
  min_notice_minutes    integer NOT NULL DEFAULT 0 CHECK (min_notice_minutes BETWEEN 0 AND 525600),
  max_advance_days      integer CHECK (max_advance_days BETWEEN 0 AND 3650),
  capacity              integer NOT NULL DEFAULT 1 CHECK (capacity BETWEEN 1 AND 10000),
  category              text NOT NULL DEFAULT '',
  location_type         text NOT NULL DEFAULT 'in_person' CHECK (location_type IN ('in_person', 'at_customer', 'online')),
  requires_approval     boolean NOT NULL DEFAULT false,
  payment               text NOT NULL CHECK (payment IN ('online', 'on_site')),
  -- [{"hours_before", "refund_percent"}], the longest notice first.
  cancellation_policy   jsonb NOT NULL DEFAULT '[]',
  is_active             boolean NOT NULL DEFAULT true,
  -- Title, description, category, seller and city, folded: lower case, without accents.
  search_text           text NOT NULL DEFAULT '',
  created_at            timestamptz NOT NULL,
  updated_at            timestamptz NOT NULL,
  archived_at           timestamptz,
  CHECK (provider_id IS NOT NULL OR organization_id IS NOT NULL)
);
CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE INDEX services_search ON services USING gin (search_text gin_trgm_ops) WHERE archived_at IS NULL AND is_active;
CREATE INDEX services_newest ON services (created_at DESC, id DESC) WHERE archived_at IS NULL AND is_active;
CREATE INDEX services_by_price ON services (price_minor, id) WHERE archived_at IS NULL AND is_active;
CREATE INDEX services_by_category ON services (category, id) WHERE archived_at IS NULL AND is_active;
CREATE INDEX services_of_provider ON services (provider_id, id) WHERE archived_at IS NULL;
CREATE INDEX services_of_organization ON services (organization_id, id) WHERE archived_at IS NULL;

CREATE TABLE service_staff (
  service_id bigint NOT NULL REFERENCES services ON DELETE CASCADE,
  user_id    bigint NOT NULL REFERENCES users,
  PRIMARY KEY (service_id, user_id)
);
CREATE INDEX service_staff_of_user ON service_staff (user_id);

CREATE TABLE service_rooms (
  service_id bigint NOT NULL REFERENCES services ON DELETE CASCADE,
  room_id    uuid NOT NULL REFERENCES rooms,
  PRIMARY KEY (service_id, room_id)
);
CREATE INDEX service_rooms_of_room ON service_rooms (room_id);

CREATE TABLE service_photos (
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  service_id bigint NOT NULL REFERENCES services ON DELETE CASCADE,
  file_key   text NOT NULL,
  position   integer NOT NULL,
  created_at timestamptz NOT NULL
);
CREATE INDEX service_photos_of_service ON service_photos (service_id, position);
