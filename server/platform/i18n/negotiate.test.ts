import assert from 'node:assert/strict'
import { test } from 'node:test'
import { negotiate } from './negotiate.ts'

const cases: [header: string | undefined, expected: string, why: string][] = [
  [undefined, 'en', 'nothing is asked for'],
  ['', 'en', 'nothing is asked for'],
  ['ru', 'ru', 'a language we speak'],
  ['uk-UA', 'uk', 'a region falls back to its language'],
  ['RU-ru', 'ru', 'case does not matter'],
  ['ru-Cyrl-RU', 'ru', 'a script falls back too'],
  ['de, fr', 'en', 'none that we speak'],
  ['de, uk;q=0.5, ru;q=0.4', 'uk', 'the best of those that we speak'],
  ['ru;q=0.3, uk;q=0.8', 'uk', 'the weight counts, not the place'],
  ['uk, ru', 'uk', 'with equal weights the first'],
  ['ru ; q=0.2 ,\tuk; q=0.9', 'uk', 'spaces are allowed'],
  ['*', 'en', 'any'],
  ['en;q=0, *', 'ru', 'any but English'],
  ['es-MX, en;q=0.5', 'es', 'Spanish of wherever'],
  ['en;q=0, ru;q=0, uk;q=0, *', 'es', 'any but three'],
  ['en;q=0, ru;q=0, uk;q=0, es;q=0, *', 'en', 'none at all: something must be said'],
  ['uk;q=0, uk-UA', 'en', 'the language is refused'],
  ['en-US;q=0, en;q=0.5, ru;q=0.1', 'en', 'only one region is refused'],
  ['ru-RU;q=0', 'en', 'nothing but a refusal'],
  ['*;q=0.1, uk;q=0.05', 'en', 'any is liked better'],
  ['ru;q=2, uk;q=0.1', 'uk', 'a weight over 1 is malformed'],
  ['ru;q=0.1234, uk;q=0.1', 'uk', 'four decimals are malformed'],
  ['ru;q=, uk;q=0.1', 'uk', 'an empty weight is malformed'],
  ['ru;level=1;q=0.9, uk;q=0.1', 'uk', 'parameters are malformed'],
  ['ru_RU, uk', 'uk', 'an underscore is malformed'],
  ['__proto__, constructor', 'en', 'names of JavaScript are no languages'],
  ['rus, ukr, eng', 'en', 'three letters are other codes'],
]

for (const [header, expected, why] of cases) {
  test(`Accept-Language "${header ?? '(absent)'}" is answered in ${expected}: ${why}`, () => {
    assert.equal(negotiate(header), expected)
  })
}

test('the language chosen in the profile comes before the header', () => {
  assert.equal(negotiate('ru', 'uk'), 'uk')
  assert.equal(negotiate('ru', 'en'), 'en')
  assert.equal(negotiate('ru', 'uk-UA'), 'uk')
  assert.equal(negotiate('ru', null), 'ru')
  assert.equal(negotiate('ru', 'de'), 'ru')
})

test('a hostile header costs nothing', () => {
  // The thread's own work: a wall clock would measure the machine.
  const begun = process.threadCpuUsage()

  for (const hostile of [',', ';', 'ru;', '-', 'a-', ' ', ';q=0.', '*,']) negotiate(hostile.repeat(2_000_000))

  const { user, system } = process.threadCpuUsage(begun)
  assert.ok(user + system < 200_000, `${user + system} µs`)
})
