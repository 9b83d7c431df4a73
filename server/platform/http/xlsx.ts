import { writeZip, type ZipEntry } from '../files/zip-write.ts'
import { decimalsOf } from '../money.ts'
import type { Cell } from './table.ts'

export const xlsxType = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'

/** What a sheet of the format holds (ECMA-376, and what Excel opens). */
const mostRows = 1_048_576
const mostCharacters = 32_767
/** Rows that are written at once. */
const rowsOfPiece = 200

/**
 * A workbook of one sheet (ECMA-376 SpreadsheetML), written as it is read: a row is gone once it is packed. The first row names the columns; it is bold and stays
 * in view. Texts are texts, whatever they begin with: nothing in it is a formula, and what looks like one stays a text also where somebody edits the cell.
 * @throws Error (breaking the stream) beyond 1,048,576 rows
 */
export function writeXlsx(
  name: string,
  rows: Iterable<readonly Cell[]>,
  now: Temporal.Instant,
): AsyncIterable<Uint8Array> {
  const styles = createStyles()
  const entries = async function* (): AsyncGenerator<ZipEntry> {
    yield { name: '[Content_Types].xml', bytes: part(contentTypes), compress: true }
    yield { name: '_rels/.rels', bytes: part(relations('officeDocument', 'xl/workbook.xml')), compress: true }
    yield { name: 'xl/workbook.xml', bytes: part(workbook(name)), compress: true }
    const parts = relations('worksheet', 'worksheets/sheet1.xml', 'styles', 'styles.xml')
    yield { name: 'xl/_rels/workbook.xml.rels', bytes: part(parts), compress: true }
    yield { name: 'xl/worksheets/sheet1.xml', bytes: sheet(rows, styles.of), compress: true }
    // Last, since only the rows say which formats there are.
    yield { name: 'xl/styles.xml', bytes: part(styles.xml()), compress: true }
  }
  return writeZip(entries(), now)
}

async function* part(content: string): AsyncGenerator<Buffer> {
  yield Buffer.from(content)
}

const head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
const main = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main'
const office = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships'
const packages = 'http://schemas.openxmlformats.org/package/2006'

const contentTypes = `${head}<Types xmlns="${packages}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/><Override PartName="/xl/styles.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"/></Types>`

/** Kinds and targets in turn. */
function relations(...pairs: string[]): string {
  let lines = ''
  for (let i = 0; i < pairs.length; i += 2)
    lines += `<Relationship Id="rId${i / 2 + 1}" Type="${office}/${pairs[i]}" Target="${pairs[i + 1]}"/>`
  return `${head}<Relationships xmlns="${packages}/relationships">${lines}</Relationships>`
}

const workbook = (name: string): string =>
  `${head}<workbook xmlns="${main}" xmlns:r="${office}"><sheets><sheet name="${escapeXml(name)}" sheetId="1" r:id="rId1"/></sheets></workbook>`

async function* sheet(rows: Iterable<readonly Cell[]>, styleOf: Styles['of']): AsyncGenerator<Buffer> {
  yield Buffer.from(
    `${head}<worksheet xmlns="${main}"><sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><sheetFormatPr defaultColWidth="20" defaultRowHeight="15"/><sheetData>`,
  )
  let piece = ''
  let n = 0
  for (const row of rows) {
    if (++n > mostRows) throw new Error('a sheet has at most 1,048,576 rows')
    piece += `<row r="${n}">${row.map((cell, i) => cellXml(cell, `${columnName(i)}${n}`, n === 1, styleOf)).join('')}</row>`
    if (n % rowsOfPiece > 0) continue
    yield Buffer.from(piece)
    piece = ''
  }
  yield Buffer.from(`${piece}</sheetData></worksheet>`)
}

/** A, B, ..., Z, AA, AB, ... */
export const columnName = (index: number): string =>
  (index >= 26 ? columnName(Math.floor(index / 26) - 1) : '') + String.fromCodePoint(65 + (index % 26))

function cellXml(cell: Cell, at: string, isHead: boolean, styleOf: Styles['of']): string {
  if (typeof cell === 'string') {
    const style = isHead ? styleOf({ bold: true }) : /^[=+\-@\t\r]/.test(cell) ? styleOf({ quoted: true }) : 0
    const is = escapeXml(cell.slice(0, mostCharacters))
    return `<c r="${at}" s="${style}" t="inlineStr"><is><t xml:space="preserve">${is}</t></is></c>`
  }
  const value = cell === null ? null : valueOf(cell)
  if (value === null || !Number.isFinite(value)) return ''
  const format = typeof cell === 'object' && cell !== null ? formatOf(cell) : null
  return `<c r="${at}" s="${format === null ? 0 : styleOf({ format })}"><v>${value}</v></c>`
}

type Typed = Exclude<Cell, string | number | null>

function valueOf(cell: number | Typed): number | null {
  if (typeof cell === 'number') return cell
  if ('amount' in cell) return cell.amount
  if ('share' in cell) return cell.share
  if ('date' in cell) return serialOf(Temporal.PlainDate.from(cell.date).toPlainDateTime())
  return serialOf(Temporal.Instant.from(cell.instant).toZonedDateTimeISO(cell.zone).toPlainDateTime())
}

function formatOf(cell: Typed): string {
  if ('amount' in cell) {
    const decimals = decimalsOf(cell.currency)
    return `#,##0${decimals > 0 ? `.${'0'.repeat(decimals)}` : ''}" ${cell.currency}"`
  }
  if ('share' in cell) return '0.00%'
  if ('date' in cell) return 'yyyy-mm-dd'
  return `yyyy-mm-dd hh:mm" ${cell.zone.replaceAll('"', '')}"`
}

const epoch = Temporal.PlainDateTime.from('1899-12-30')
/** Days since 1899-12-30, as spreadsheets count them. Whole minutes come out as they went in: a day has 1,440 of them and a double fifteen digits. */
const serialOf = (local: Temporal.PlainDateTime): number =>
  epoch.until(local, { largestUnit: 'seconds' }).seconds / 86_400

type Look = { bold?: true; quoted?: true; format?: string }
type Styles = { of: (look: Look) => number; xml: () => string }

/** The looks of cells, each given a number when it first comes. */
function createStyles(): Styles {
  const looks: Look[] = [{}]
  const numbers = new Map<string, number>()
  const formats: string[] = []
  // Numbers below 164 are formats of the program itself.
  const idOf = (format: string): number => 164 + formats.indexOf(format)
  return {
    of: (look) =>
      numbers.getOrInsertComputed(JSON.stringify(look), () => {
        if (look.format !== undefined) formats.push(look.format)
        return looks.push(look) - 1
      }),
    xml: () => {
      const numFmts = formats.map((code) => `<numFmt numFmtId="${idOf(code)}" formatCode="${escapeXml(code)}"/>`)
      const xfs = looks.map(({ bold, quoted, format }) => {
        const id = format === undefined ? (quoted ? 49 : 0) : idOf(format)
        return `<xf numFmtId="${id}" fontId="${bold ? 1 : 0}" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" applyFont="1"${quoted ? ' quotePrefix="1"' : ''}/>`
      })
      const font = '<sz val="11"/><name val="Calibri"/>'
      return `${head}<styleSheet xmlns="${main}">${numFmts.length > 0 ? `<numFmts count="${numFmts.length}">${numFmts.join('')}</numFmts>` : ''}<fonts count="2"><font>${font}</font><font><b/>${font}</font></fonts><fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders><cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs><cellXfs count="${xfs.length}">${xfs.join('')}</cellXfs></styleSheet>`
    },
  }
}

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }

/** A text in XML 1.0. What XML cannot say is written as `_xHHHH_` (ECMA-376, ST_Xstring), and what only looks like that is kept apart from it. */
function escapeXml(text: string): string {
  return text
    .toWellFormed()
    .replaceAll(/_(?=x[0-9A-Fa-f]{4}_)/g, '_x005F_')
    .replaceAll(
      // eslint-disable-next-line no-control-regex -- just these are meant
      /[\u0000-\u0008\u000B\u000C\u000D\u000E-\u001F\uFFFE\uFFFF]/g,
      (c) => `_x${c.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}_`,
    )
    .replaceAll(/[&<>"]/g, (c) => entities[c]!)
}
