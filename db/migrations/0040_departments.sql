-- Departments: a tree within an organization, each with a head; who belongs to which; and by what words colleagues are found.

CREATE TABLE departments (
  id              uuid PRIMARY KEY,
  organization_id uuid NOT NULL REFERENCES organizations ON DELETE CASCADE,
  parent_id       uuid,
  name            text NOT NULL,
  name_key        text NOT NULL,
  description     text NOT NULL DEFAULT '',
  head_id         bigint,
  search_text     text NOT NULL,
  created_at      timestamptz NOT NULL,
  updated_at      timestamptz NOT NULL,
  CONSTRAINT departments_in_organization UNIQUE (organization_id, id),
  CONSTRAINT departments_name_taken UNIQUE NULLS NOT DISTINCT (organization_id, parent_id, name_key),
  CONSTRAINT departments_not_own_parent CHECK (parent_id <> id),
  -- The parent is of the same organization, and the head one of its members, whatever a program believes.
  CONSTRAINT departments_parent FOREIGN KEY (organization_id, parent_id) REFERENCES departments (organization_id, id),
  CONSTRAINT departments_head FOREIGN KEY (organization_id, head_id) REFERENCES memberships (organization_id, user_id) ON DELETE SET NULL (head_id)
);
CREATE INDEX departments_of_parent ON departments (parent_id);
CREATE INDEX departments_of_head ON departments (organization_id, head_id) WHERE head_id IS NOT NULL;

UPDATE memberships m SET manager_id = NULL
WHERE manager_id IS NOT NULL
  AND NOT EXISTS (SELECT FROM memberships o WHERE o.organization_id = m.organization_id AND o.user_id = m.manager_id);

ALTER TABLE memberships
  ADD COLUMN department_id uuid,
  -- The position as it is searched: lower case, without accents.
  ADD COLUMN search_text text NOT NULL DEFAULT '',
  ADD CONSTRAINT memberships_department FOREIGN KEY (organization_id, department_id) REFERENCES departments (organization_id, id) ON DELETE SET NULL (department_id),
  DROP CONSTRAINT memberships_manager_id_fkey,
  ADD CONSTRAINT memberships_manager FOREIGN KEY (organization_id, manager_id) REFERENCES memberships (organization_id, user_id) ON DELETE SET NULL (manager_id);
UPDATE memberships SET search_text = lower(regexp_replace(normalize(position, NFKD), '[\u0300-\u036f]', '', 'g')) WHERE position <> '';

CREATE INDEX memberships_of_department ON memberships (department_id) WHERE department_id IS NOT NULL;
CREATE INDEX memberships_of_manager ON memberships (organization_id, manager_id) WHERE manager_id IS NOT NULL;
