import assert from 'node:assert/strict'
import { test } from 'node:test'
import { askerOf, found, join, refusal } from '../../../test/company.ts'
import { meanwhile } from '../../../test/meanwhile.ts'
import { openHouse } from '../../../test/support.ts'
import { lockOrganization } from './queries/departments.ts'
import { acceptInvitationRow } from './queries/invitations.ts'
import { archiveOrganizationRow, updateMembershipRow } from './queries/members.ts'

/** Two at once, where the second has looked before the first has written. */

const house = await openHouse()
const ask = askerOf(house)
const founder = await house.person()

async function invited(id: string) {
  const person = await house.person()
  await house.house.db
    .updateTable('users')
    .set({ email_confirmed_at: house.ctx().now })
    .where('id', '=', person.id)
    .execute()
  const made = await ask('POST', `organizations/${id}/invitations/`, founder, { email: person.email, role: 'employee' })
  assert.equal(made.status, 201, made.text)
  return { person, invitation_id: made.body['data'].id as string }
}

test('an admin who is made an employee while they wait decides no more', async () => {
  const id = await found(house, founder, 'Three admins')
  const second = await join(house, id, founder, 'admin')
  const third = await join(house, id, founder, 'admin')

  const waited = [
    () => ask('PUT', `organizations/${id}/members/${third.id}/`, second, { role: 'employee' }),
    () => ask('DELETE', `organizations/${id}/members/${third.id}/`, second),
    () => ask('POST', `organizations/${id}/invitations/`, second, { email: 'friend@example.com', role: 'admin' }),
    () => ask('POST', 'departments/', second, { organization_id: id, name: 'Of the second' }),
  ]
  for (const wish of waited) {
    await updateMembershipRow(house.ctx(), id, second.id, { role: 'admin' })
    const answer = await meanwhile(
      house,
      async (tx) => {
        await lockOrganization(tx, id)
        await updateMembershipRow(tx, id, second.id, { role: 'employee' })
      },
      wish,
    )
    assert.equal(refusal(answer), '403 PERMISSION_DENIED', answer.text)
  }

  const own = await ask('GET', `organizations/${id}/`, third)
  assert.equal(own.body['data'].role, 'admin')
})

test('who is invited, and who accepts, while the organization is archived is told that there is none', async () => {
  const id = await found(house, founder, 'Soon closed')
  const { person, invitation_id } = await invited(id)
  const other = await found(house, founder, 'Closed too')

  const inviting = await meanwhile(
    house,
    (tx) => archiveOrganizationRow(tx, other),
    () => ask('POST', `organizations/${other}/invitations/`, founder, { email: 'late@example.com', role: 'employee' }),
  )
  const accepting = await meanwhile(
    house,
    (tx) => archiveOrganizationRow(tx, id),
    () => ask('POST', 'organizations/invitations/accept/', person, { invitation_id }),
  )

  assert.equal(refusal(inviting), '404 NOT_FOUND', inviting.text)
  assert.equal(refusal(accepting), '400 VALIDATION_ERROR', accepting.text)
})

test('an invitation that is accepted while it is taken back is not there any more', async () => {
  const id = await found(house, founder, 'Quick to accept')
  const { invitation_id } = await invited(id)

  const cancelled = await meanwhile(
    house,
    (tx) => acceptInvitationRow(tx, invitation_id),
    () => ask('DELETE', `organizations/${id}/invitations/${invitation_id}/`, founder),
  )

  assert.equal(refusal(cancelled), '404 NOT_FOUND', cancelled.text)
})
