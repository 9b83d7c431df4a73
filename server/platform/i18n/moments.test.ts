import assert from 'node:assert/strict'
import { test } from 'node:test'
import { withMoments } from './moments.ts'

const params = {
  at: '2026-01-15T14:00:00Z',
  until_at: '2026-07-15T14:30:00Z',
  at_home: '2026-01-15T14:00:00Z',
  count: 2,
}

test('Instants of a message are told by the reader’s clock and language, everything else stays', () => {
  const english = withMoments('en', 'America/New_York', params)
  const ukrainian = withMoments('uk', 'Europe/Kyiv', params)

  assert.match(String(english['at']), /^Thu, January 15, 2026 at 9:00\sAM EST$/)
  assert.match(String(english['until_at']), /^Wed, July 15, 2026 at 10:30\sAM EDT$/)
  assert.match(String(ukrainian['at']), /15 січня 2026.* 16:00/)
  assert.deepEqual([english['at_home'], english['count']], [params.at_home, 2])
})

test('What only bears the name of an instant stays as it is', () => {
  assert.deepEqual(withMoments('en', 'UTC', { at: 'home', of_at: 5 }), { at: 'home', of_at: 5 })
})
