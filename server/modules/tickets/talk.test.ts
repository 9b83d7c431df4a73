import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Answer, Person } from '../../../test/support.ts'
import { openOffice, refusal } from '../../../test/office.ts'

const { house, ask, hire, open, back, told, boss } = await openOffice()
const helper = await hire('it', { first_name: 'Ivan', last_name: 'Helper' })
const worker = await hire('employee', { first_name: 'Ada', last_name: 'Moroz' })
const other = await hire('employee')
const texts = ({ body }: Answer): string[] => body['data'].results.map((row: { text: string }) => row.text)

/** Uploads a text file and answers its id. */
async function upload(who: Person, name: string): Promise<number> {
  const head = `--edge\r\ncontent-disposition: form-data; name="file"; filename="${name}"\r\ncontent-type: text/plain\r\n\r\n`
  const answer = await house.call('POST', '/api/v1/files/attachments/', {
    token: who.token,
    headers: { 'content-type': 'multipart/form-data; boundary=edge' },
    payload: `${head}Lamp 7, second row\r\n--edge--\r\n`,
  })
  assert.equal(answer.status, 201, answer.text)
  return answer.body['data'].id
}

test('Comments come in order; internal ones are written and seen by IT and admins alone', async () => {
  const { id } = await open(worker)
  await ask('POST', `tickets/${id}/comments/`, worker, { text: 'Please hurry' })
  const hidden = await ask('POST', `tickets/${id}/comments/`, helper, { text: 'They always say so', is_internal: true })
  await ask('POST', `tickets/${id}/comments/`, helper, { text: 'On my way' })
  const refused = await ask('POST', `tickets/${id}/comments/`, worker, { text: 'Psst', is_internal: true })
  const empty = await ask('POST', `tickets/${id}/comments/`, worker, { text: '' })

  const own = await ask('GET', `tickets/${id}/comments/`, worker)
  const staff = await ask('GET', `tickets/${id}/comments/`, boss)

  assert.deepEqual([hidden.status, refusal(refused), empty.status], [201, '403 PERMISSION_DENIED', 400])
  assert.deepEqual(texts(own), ['Please hurry', 'On my way'])
  assert.deepEqual(texts(staff), ['Please hurry', 'They always say so', 'On my way'])
  assert.equal(own.body['data'].count, 2)
})

test('An internal comment moves nothing that the requester sees', async () => {
  const { id } = await open(worker)
  const before = await ask('GET', `tickets/${id}/`, worker)
  house.pass({ minutes: 1 })

  await ask('POST', `tickets/${id}/comments/`, helper, { text: 'Hm', is_internal: true })

  assert.equal((await ask('GET', `tickets/${id}/`, worker)).headers['etag'], before.headers['etag'])
})

test('Files hang on a ticket and on a comment, are shown by links, and go with the ticket', async () => {
  const [plan, photo, secret] = [
    await upload(worker, 'plan.txt'),
    await upload(worker, 'more.txt'),
    await upload(helper, 'secret.txt'),
  ]
  const made = await open(worker, { attachment_ids: [plan] })
  const { id } = made
  const stolen = await ask('POST', `tickets/${id}/comments/`, other, { text: 'Mine', attachment_ids: [photo] })
  const foreign = await ask('PUT', `tickets/${id}/`, helper, { attachment_ids: [photo] })
  const added = await ask('PUT', `tickets/${id}/`, worker, { attachment_ids: [photo] })
  await ask('POST', `tickets/${id}/comments/`, helper, { text: 'x', is_internal: true, attachment_ids: [secret] })

  const files = await ask('GET', `tickets/${id}/attachments/`, worker)
  const etag = (await ask('GET', `tickets/${id}/`, worker)).headers['etag']
  house.pass({ seconds: 30 })

  assert.equal(made['attachment_count'], 1)
  assert.deepEqual([refusal(stolen), refusal(foreign)], ['404 NOT_FOUND', '400 VALIDATION_ERROR'])
  assert.equal(added.body['data'].attachment_count, 2)
  assert.deepEqual(
    files.body['data'].results.map(({ name }: { name: string }) => name),
    ['plan.txt', 'more.txt'],
  )
  assert.equal((await ask('GET', `tickets/${id}/`, worker)).headers['etag'], etag)
  assert.ok(!(await ask('GET', `tickets/${id}/comments/`, worker)).text.includes('secret.txt'))
  const url = files.body['data'].results[0].url as string
  assert.equal((await house.call('GET', new URL(url).pathname)).status, 200)
  assert.equal((await ask('DELETE', `tickets/${id}/`, helper)).status, 200)
  assert.equal((await house.call('GET', new URL(url).pathname)).status, 404)
})

test('Both sides hear what the other does, nobody hears of themselves, and a stranger nothing', async () => {
  const [ivan, ada] = [await back(helper), await back(worker)]
  const { id, number } = await open(ada, { title: 'No light' })
  await ask('PUT', `tickets/${id}/`, boss, { assignee_id: helper.id })
  await ask('PUT', `tickets/${id}/`, ivan, { status: 'in_progress' })
  await ask('POST', `tickets/${id}/comments/`, ivan, { text: 'Psst', is_internal: true })
  await ask('POST', `tickets/${id}/comments/`, ivan, { text: 'Soon' })
  await ask('POST', `tickets/${id}/comments/`, ada, { text: 'Thanks' })
  await ask('PUT', `tickets/${id}/`, ivan, { status: 'resolved' })
  await ask('PUT', `tickets/${id}/`, ada, { status: 'open' })

  const about = async (who: Person): Promise<string[]> =>
    (await told(who)).filter((line) => line.includes(`#${number}`))
  assert.deepEqual(await about(worker), [
    `ticket_in_progress: Ticket #${number} is being worked on: No light`,
    `ticket_commented: Ivan Helper commented on ticket #${number}: No light`,
    `ticket_resolved: Ticket #${number} was resolved: No light`,
  ])
  assert.deepEqual(await about(helper), [
    `ticket_opened: Ada Moroz opened ticket #${number}: No light`,
    `ticket_assigned: Ticket #${number} was assigned to you: No light`,
    `ticket_commented: Ada Moroz commented on ticket #${number}: No light`,
    `ticket_reopened: Ticket #${number} is open again: No light`,
  ])
  assert.deepEqual(await about(other), [])
})

/** Moves the clock on and looks for what is due, twice, as a second process would. */
const run = async (hours: number): Promise<void> => {
  house.pass({ hours })
  await house.house.jobs.run('tickets.remind')
  await house.house.jobs.run('tickets.remind')
}

test('That a ticket is due soon, and that it is overdue, is said once each, and again after it was opened again', async () => {
  const { id, number } = await open(await back(worker), { title: 'Fire', priority: 'urgent' })
  const helperNow = await back(helper)
  await ask('PUT', `tickets/${id}/`, helperNow, { assignee_id: helper.id })
  const heard = async (who: Person): Promise<string[]> =>
    (await told(who)).filter((line) => line.includes(`#${number} `) && /due_soon|overdue/.test(line))
  const kinds = async (who: Person): Promise<string[]> => (await heard(who)).map((line) => line.split(':')[0]!)

  await run(2)
  assert.deepEqual(await heard(helper), [])
  await run(1)
  assert.deepEqual([await kinds(helper), await kinds(boss)], [['ticket_due_soon'], []])
  await run(2)
  assert.deepEqual(await kinds(helper), ['ticket_due_soon', 'ticket_overdue'])
  assert.deepEqual(await kinds(boss), ['ticket_overdue'])
  await ask('PUT', `tickets/${id}/`, await back(helper), { status: 'resolved' })
  await run(50)
  assert.equal((await kinds(helper)).length, 2)
  await ask('PUT', `tickets/${id}/`, await back(worker), { status: 'open' })
  await run(5)
  assert.deepEqual(await kinds(helper), ['ticket_due_soon', 'ticket_overdue', 'ticket_overdue'])
  assert.deepEqual(await kinds(other), [])
})
