-- What lists of services and providers need beside each row, so that no list joins, sorts or counts all of them: kept by the catalog
-- whenever a service, its seller or its staff changes.

ALTER TABLE services
  -- The seller's account is closed or the organization archived: gone from every list and not to be booked.
  ADD COLUMN is_hidden boolean NOT NULL DEFAULT false,
  ADD COLUMN is_listed boolean NOT NULL GENERATED ALWAYS AS (is_active AND archived_at IS NULL AND NOT is_hidden) STORED,
  -- Folded, as search_text.
  ADD COLUMN title_key text NOT NULL DEFAULT '',
  ADD COLUMN category_key text NOT NULL DEFAULT '',
  ADD COLUMN city_key text NOT NULL DEFAULT '',
  -- The price in ten-thousandths of the major unit, so that currencies of any decimals sort and compare by what is shown.
  ADD COLUMN price_rank bigint NOT NULL DEFAULT 0,
  -- Of the provider, or of the staff together; 48 is 4.8, 0 is unrated.
  ADD COLUMN rating_tenths smallint NOT NULL DEFAULT 0,
  ADD COLUMN languages text[] NOT NULL DEFAULT '{}';

DROP INDEX services_search, services_newest, services_by_price, services_by_category;
CREATE INDEX services_search ON services USING gin (search_text gin_trgm_ops) WHERE is_listed;
CREATE INDEX services_newest ON services (created_at, id) WHERE is_listed;
CREATE INDEX services_by_price ON services (price_rank, id) WHERE is_listed;
CREATE INDEX services_by_rating ON services (rating_tenths, id) WHERE is_listed;
CREATE INDEX services_by_title ON services (title_key, id) WHERE is_listed;
CREATE INDEX services_by_category ON services (category_key, created_at, id) WHERE is_listed;
CREATE INDEX services_by_city ON services (city_key, created_at, id) WHERE is_listed;

-- Who offers services, as the public finds them: providers, and masters whom a salon's service names.
CREATE TABLE provider_listings (
  user_id       bigint PRIMARY KEY REFERENCES users ON DELETE CASCADE,
  is_listed     boolean NOT NULL,
  -- Name, headline and city, folded; never the e-mail.
  search_text   text NOT NULL,
  name_key      text NOT NULL,
  city_key      text NOT NULL,
  languages     text[] NOT NULL,
  rating_tenths smallint NOT NULL
);
CREATE INDEX provider_listings_search ON provider_listings USING gin (search_text gin_trgm_ops) WHERE is_listed;
CREATE INDEX provider_listings_by_name ON provider_listings (name_key, user_id) WHERE is_listed;
CREATE INDEX provider_listings_by_rating ON provider_listings (rating_tenths, user_id) WHERE is_listed;
