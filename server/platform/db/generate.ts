import { Client } from 'pg'

/** PostgreSQL's types as the code sees them; whatever is missing here fails the generation instead of becoming `unknown`. */
const typescriptTypes: Record<string, string> = {
  bool: 'boolean',
  int2: 'number',
  int4: 'number',
  int8: 'number',
  float8: 'number',
  numeric: 'string',
  text: 'string',
  citext: 'string',
  uuid: 'string',
  bytea: 'Buffer',
  date: 'Temporal.PlainDate',
  time: 'string',
  timestamp: 'Temporal.PlainDateTime',
  timestamptz: 'Temporal.Instant',
  tstzrange: 'string',
  jsonb: 'unknown',
  tsvector: 'string',
}

type Column = {
  table_name: string
  column_name: string
  type: string
  nullable: boolean
  has_default: boolean
  generated: string
  identity: string
  definition: string
}

const readColumns = `
  SELECT c.relname AS table_name, a.attname AS column_name, COALESCE(e.typname || '[]', t.typname) AS type, NOT a.attnotnull AS nullable,
    a.atthasdef AS has_default, a.attgenerated::text AS generated, a.attidentity::text AS identity,
    a.attname || ' ' || format_type(a.atttypid, a.atttypmod) || CASE WHEN a.attidentity <> '' THEN ' GENERATED ALWAYS AS IDENTITY'
      WHEN a.attgenerated <> '' THEN ' GENERATED ALWAYS AS (' || pg_get_expr(d.adbin, d.adrelid) || ') STORED'
      WHEN d.adbin IS NOT NULL THEN ' DEFAULT ' || pg_get_expr(d.adbin, d.adrelid) ELSE '' END || CASE WHEN a.attnotnull THEN ' NOT NULL' ELSE '' END AS definition
  FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    JOIN pg_type t ON t.oid = a.atttypid LEFT JOIN pg_type e ON e.oid = t.typelem AND t.typcategory = 'A' LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
  WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm') ORDER BY c.relname, a.attnum`

const readConstraints = `
  SELECT c.relname AS table_name, 'CONSTRAINT ' || o.conname || ' ' || pg_get_constraintdef(o.oid) AS definition
  FROM pg_constraint o JOIN pg_class c ON c.oid = o.conrelid
  WHERE c.relnamespace = 'public'::regnamespace AND o.contype IN ('p', 'u', 'f', 'c', 'x') ORDER BY c.relname, o.contype, o.conname`

const readRest = `
  SELECT definition FROM (
    SELECT 1 AS part, i.indexrelid::regclass::text AS name, pg_get_indexdef(i.indexrelid) AS definition FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
      WHERE c.relnamespace = 'public'::regnamespace AND NOT EXISTS (SELECT 1 FROM pg_constraint o WHERE o.conindid = i.indexrelid AND o.contype IN ('p', 'u', 'x'))
    UNION ALL SELECT 2, p.proname, pg_get_functiondef(p.oid) FROM pg_proc p WHERE p.pronamespace = 'public'::regnamespace AND p.prokind = 'f'
      AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')
    UNION ALL SELECT 3, t.tgname, pg_get_triggerdef(t.oid) FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid WHERE NOT t.tgisinternal AND c.relnamespace = 'public'::regnamespace
    UNION ALL SELECT 0, e.extname, 'CREATE EXTENSION ' || e.extname FROM pg_extension e WHERE e.extname <> 'plpgsql'
  ) rest ORDER BY part, name COLLATE "C", definition COLLATE "C"`

/** Reads a migrated database and answers `db/schema.sql` (what the database is, for readers) and the table types of the code. */
export async function describeDatabase(url: string): Promise<{ schema: string; types: string }> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    const columns = (await client.query<Column>(readColumns)).rows
    const constraints = (await client.query<{ table_name: string; definition: string }>(readConstraints)).rows
    const rest = (await client.query<{ definition: string }>(readRest)).rows
    const tables = Map.groupBy(columns, (column) => column.table_name)
    return { schema: schemaText(tables, constraints, rest), types: typesText(tables) }
  } finally {
    await client.end()
  }
}

function schemaText(
  tables: Map<string, Column[]>,
  constraints: { table_name: string; definition: string }[],
  rest: { definition: string }[],
): string {
  const bodies = [...tables].map(([name, columns]) => {
    const own = constraints.filter((constraint) => constraint.table_name === name)
    return `CREATE TABLE ${name} (\n  ${[...columns, ...own].map((line) => line.definition).join(',\n  ')}\n);`
  })
  return `-- What the migrations make. Generated: npx banister generate\n\n${bodies.join('\n\n')}\n\n${rest.map((line) => `${line.definition.trimEnd()};`).join('\n')}\n`
}

function typesText(tables: Map<string, Column[]>): string {
  const shapes = [...tables].map(
    ([name, columns]) =>
      `  ${name}: {\n${columns.map((column) => `    ${column.column_name}: ${typeOf(column)}\n`).join('')}  }\n`,
  )
  return `// The tables as the code sees them. Generated: npx banister generate\nimport type { Generated, GeneratedAlways } from 'kysely'\n\nexport type Tables = {\n${shapes.join('')}}\n`
}

function typeOf({ table_name, column_name, type, nullable, has_default, generated, identity }: Column): string {
  const base = typescriptTypes[type.replace('[]', '')]
  if (!base)
    throw new Error(
      `${table_name}.${column_name} has the type ${type}, which server/platform/db/generate.ts does not know`,
    )
  const value = `${base}${type.endsWith('[]') ? '[]' : ''}${nullable ? ' | null' : ''}`
  if (identity !== '' || generated !== '') return `GeneratedAlways<${value}>`
  return has_default ? `Generated<${value}>` : value
}
