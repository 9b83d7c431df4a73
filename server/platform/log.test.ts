import assert from 'node:assert/strict'
import { test } from 'node:test'
import { errorFields } from './log.ts'

test('an error goes into the log with its message, code and stack, and never with what it was about', () => {
  const error = Object.assign(new Error('the connection ended'), {
    code: '57P01',
    detail: 'Key (email)=(jane@example.com)',
  })

  const fields = errorFields(error)

  assert.deepEqual(fields, { error: 'the connection ended', code: '57P01', stack: error.stack })
})

test('an error of the job queue, which is a plain object with the fields of one, says what it was', () => {
  const told = { message: 'the connection ended', stack: 'Error: the connection ended', code: '57P01', queue: 'mails' }

  const fields = errorFields(told)

  assert.deepEqual(fields, { error: 'the connection ended', code: '57P01', stack: 'Error: the connection ended' })
})

test('what was thrown and is no error goes into the log as it reads', () => {
  const fields = [errorFields('gone'), errorFields(undefined), errorFields({ message: 'no stack' })]

  assert.deepEqual(fields, [{ error: 'gone' }, { error: 'undefined' }, { error: 'no stack' }])
})
