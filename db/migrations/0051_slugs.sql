-- One namespace for the pages of providers and organizations: `public/pages/{slug}/` serves both. The rows follow the two columns by themselves, whoever writes those.
-- The last three names that a page had before lead to it, and are nobody else's; who gives up the name altogether, or goes, frees all of them.
CREATE TABLE slugs (
  slug       text CONSTRAINT slugs_taken PRIMARY KEY,
  owner_kind text NOT NULL CHECK (owner_kind IN ('provider', 'organization')),
  owner_id   text NOT NULL,
  is_current boolean NOT NULL DEFAULT true,
  nth        bigint GENERATED ALWAYS AS IDENTITY
);
CREATE UNIQUE INDEX slugs_current ON slugs (owner_kind, owner_id) WHERE is_current;
CREATE INDEX slugs_owner ON slugs (owner_kind, owner_id, nth DESC);

-- Where both bore the same, the older keeps it, and the younger gets the first free number behind it.
DO $$
DECLARE
  clash record;
  n integer;
  other text;
BEGIN
  FOR clash IN
    SELECT p.slug, p.user_id, o.id AS organization_id, u.created_at <= o.created_at AS provider_is_older
    FROM provider_profiles p JOIN users u ON u.id = p.user_id JOIN organizations o ON o.slug = p.slug ORDER BY p.slug
  LOOP
    n := 2;
    LOOP
      other := left(clash.slug, 56) || '-' || n;
      EXIT WHEN NOT EXISTS (SELECT FROM provider_profiles WHERE slug = other) AND NOT EXISTS (SELECT FROM organizations WHERE slug = other);
      n := n + 1;
    END LOOP;
    IF clash.provider_is_older THEN UPDATE organizations SET slug = other WHERE id = clash.organization_id;
    ELSE UPDATE provider_profiles SET slug = other WHERE user_id = clash.user_id;
    END IF;
  END LOOP;
END $$;
INSERT INTO slugs (slug, owner_kind, owner_id) SELECT slug, 'provider', user_id::text FROM provider_profiles WHERE slug IS NOT NULL;
INSERT INTO slugs (slug, owner_kind, owner_id) SELECT slug, 'organization', id::text FROM organizations WHERE slug IS NOT NULL;

CREATE FUNCTION keep_slug() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  kind text := TG_ARGV[0];
  whose text := to_jsonb(NEW) ->> TG_ARGV[1];
BEGIN
  IF NEW.slug IS NULL THEN
    DELETE FROM slugs WHERE owner_kind = kind AND owner_id = whose;
    RETURN NULL;
  END IF;
  IF EXISTS (SELECT FROM slugs WHERE slug = NEW.slug AND owner_kind = kind AND owner_id = whose AND is_current) THEN RETURN NULL; END IF;
  UPDATE slugs SET is_current = false WHERE owner_kind = kind AND owner_id = whose AND is_current;
  INSERT INTO slugs AS s (slug, owner_kind, owner_id) VALUES (NEW.slug, kind, whose)
  ON CONFLICT ON CONSTRAINT slugs_taken DO UPDATE SET is_current = true, nth = DEFAULT WHERE s.owner_kind = kind AND s.owner_id = whose;
  IF NOT FOUND THEN
    RAISE unique_violation USING MESSAGE = 'the slug is the name of another page', CONSTRAINT = 'slugs_taken';
  END IF;
  DELETE FROM slugs WHERE owner_kind = kind AND owner_id = whose AND NOT is_current AND nth NOT IN
    (SELECT nth FROM slugs WHERE owner_kind = kind AND owner_id = whose AND NOT is_current ORDER BY nth DESC LIMIT 3);
  RETURN NULL;
END $$;
CREATE TRIGGER provider_profiles_slug AFTER INSERT OR UPDATE OF slug ON provider_profiles
  FOR EACH ROW EXECUTE FUNCTION keep_slug('provider', 'user_id');
CREATE TRIGGER organizations_slug AFTER INSERT OR UPDATE OF slug ON organizations
  FOR EACH ROW EXECUTE FUNCTION keep_slug('organization', 'id');
