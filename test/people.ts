import type { House } from './support.ts'

let made = 0

/** Ids of that many people, written straight into the table: whom no test of claims signs in need not register. */
export async function peopleOf(house: House, count: number): Promise<number[]> {
  const now = house.ctx().now
  const rows = Array.from({ length: count }, () => {
    const email = `claimed.${++made}@example.com`
    return { email, email_key: email, role: 'provider', time_zone: 'Europe/Kyiv', created_at: now, updated_at: now }
  })
  const people = await house.house.db.insertInto('users').values(rows).returning('id').execute()
  return people.map(({ id }) => id)
}
