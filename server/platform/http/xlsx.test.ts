import assert from 'node:assert/strict'
import { test } from 'node:test'
import readXlsx from 'read-excel-file/node'
import { checkContent } from '../files/content.ts'
import { unzip } from '../files/samples.fixture.ts'
import { readoutOf } from '../files/spool.ts'
import type { Cell } from './table.ts'
import { columnName, writeXlsx, xlsxType } from './xlsx.ts'

/** Workbooks, read by a library that did not write them, and looked at as XML where it does not tell. */

const now = Temporal.Instant.from('2026-01-12T08:00:00Z')

async function written(rows: Iterable<readonly Cell[]>): Promise<Buffer> {
  const pieces: Uint8Array[] = []
  for await (const piece of writeXlsx('figures', rows, now)) pieces.push(piece)
  return Buffer.concat(pieces)
}
async function read(bytes: Buffer): Promise<unknown[][]> {
  const [sheet, ...others] = await readXlsx(bytes)
  assert.deepEqual([sheet?.sheet, others.length], ['figures', 0])
  return sheet!.data
}
const partOf = (bytes: Buffer, name: string): string => unzip(bytes).get(name)!.toString()

test('numbers are numbers, dates and moments dates, money and shares numbers with a format', async () => {
  const bytes = await written([
    ['count', 'day', 'moment', 'hryvnia', 'yen', 'dinar', 'share', 'none'],
    [
      -12.5,
      { date: '2026-03-29' },
      { instant: '2026-03-29T01:30:00Z', zone: 'Europe/Kyiv' },
      { amount: 1234.5, currency: 'UAH' },
      { amount: 100, currency: 'JPY' },
      { amount: 1.234, currency: 'KWD' },
      { share: 0.25 },
      null,
    ],
    [Number.NaN, { amount: null, currency: 'UAH' }, { share: null }, 1e-7],
  ])

  const rows = await read(bytes)
  const styles = partOf(bytes, 'xl/styles.xml')
  const sheet = partOf(bytes, 'xl/worksheets/sheet1.xml')
  const formats = [...styles.matchAll(/formatCode="([^"]*)"/g)].map(([, code]) => code)

  assert.deepEqual(rows[1], [
    -12.5,
    new Date('2026-03-29T00:00:00Z'),
    // What the clocks show: the hour that begins then does not exist in Kyiv at half past three, so it is half past four.
    new Date('2026-03-29T04:30:00Z'),
    1234.5,
    100,
    1.234,
    0.25,
    null,
  ])
  assert.deepEqual(rows[2]!.slice(0, 4), [null, null, null, 1e-7])
  assert.deepEqual(formats, [
    'yyyy-mm-dd',
    'yyyy-mm-dd hh:mm&quot; Europe/Kyiv&quot;',
    '#,##0.00&quot; UAH&quot;',
    '#,##0&quot; JPY&quot;',
    '#,##0.000&quot; KWD&quot;',
    '0.00%',
  ])
  assert.ok(!/<f[ >]/.test(sheet))
})

test('a text comes back as it was, and what looks like a formula is none, now and when it is edited', async () => {
  const texts = [
    '=HYPERLINK("http://evil.example.com";"Click")',
    '+1+cmd|A0',
    '-2',
    '@SUM(A1)',
    '\tTab',
    'Ірина <b>&"quoted"</b> 💇\nsecond line',
    ' spaces ',
    '_x0041_ is no A',
    'bell \u0007 and \uFFFF',
    '',
  ]
  const bytes = await written([['text'], ...texts.map((text) => [text])])

  const rows = await read(bytes)
  const sheet = partOf(bytes, 'xl/worksheets/sheet1.xml')
  const quoted = [...sheet.matchAll(/<c r="A\d+" s="(\d+)" t="inlineStr">/g)].map(([, style]) => Number(style))
  const xfs = [
    ...partOf(bytes, 'xl/styles.xml')
      .split('<cellXfs')[1]!
      .matchAll(/<xf [^>]*>/g),
  ].map(([xf]) => xf)

  for (const text of texts.slice(0, 7)) assert.ok(sheet.includes(`>${escaped(text)}</t>`), text)
  assert.deepEqual(rows.slice(1, 5).flat(), texts.slice(0, 4))
  assert.ok(sheet.includes('>_x005F_x0041_ is no A<') && sheet.includes('>bell _x0007_ and _xFFFF_<'))
  assert.deepEqual(
    quoted.slice(1, 6).map((style) => xfs[style]!.includes('quotePrefix="1"')),
    [true, true, true, true, true],
  )
  assert.ok(!xfs[quoted[6]!]!.includes('quotePrefix'))
  assert.ok(!/<f[ >]/.test(sheet))
})
const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')

test('what we write is what we take for a workbook, the empty table included', async () => {
  for (const rows of [[], [['figure', 'of', 'value']]]) {
    const { contentType } = await checkContent(readoutOf(await written(rows)), 'figures.xlsx')
    assert.equal(contentType, xlsxType)
  }
  assert.deepEqual([0, 25, 26, 51, 52, 701, 702, 16_383].map(columnName), [
    'A',
    'Z',
    'AA',
    'AZ',
    'BA',
    'ZZ',
    'AAA',
    'XFD',
  ])
})

test('a large table is written as it is read: a reader who waits makes the rows wait', async () => {
  let made = 0
  function* rows(): Generator<Cell[]> {
    for (; made < 100_000; made++) yield [made, `row ${Math.random()}`, { amount: made / 100, currency: 'UAH' }]
  }
  const pieces = writeXlsx('figures', rows(), now)[Symbol.asyncIterator]()

  let bytes = 0
  while (bytes < 100_000) bytes += ((await pieces.next()).value as Uint8Array).length
  await new Promise((resolve) => setTimeout(resolve, 100))
  const atFirst = made
  for (let next = await pieces.next(); !next.done; next = await pieces.next()) bytes += next.value.length

  assert.ok(atFirst < 50_000, `${atFirst} rows were made for 100 KB`)
  assert.equal(made, 100_000)
  assert.ok(bytes > 1_000_000)
})

test('a sheet that would have more rows than the format holds breaks instead of losing any', async () => {
  const rows = Iterator.from({ next: () => ({ done: false, value: [] }) }).take(1_048_577)

  await assert.rejects(written(rows), /at most 1,048,576 rows/)
})
