import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkContent } from './content.ts'
import { ContentError } from './content-error.ts'
import { docx, mp4, odt, pdf, picture, wav, zipOf } from './samples.fixture.ts'
import { readoutOf } from './spool.ts'

const verdict = async (bytes: Buffer, name = 'x'): Promise<string> => {
  try {
    return (await checkContent(readoutOf(bytes), name)).contentType
  } catch (error) {
    if (error instanceof ContentError) return error.code
    throw error
  }
}
const utf8 = (text: string) => Buffer.from(text)
const behind = (bytes: Buffer, more: string | Buffer) => Buffer.concat([bytes, Buffer.from(more)])

test('a file is what its bytes say, whatever it is called', async () => {
  const samples: [string, Buffer][] = [
    ['image/jpeg', await picture('jpeg')],
    ['image/png', await picture('png')],
    ['image/gif', await picture('gif')],
    ['image/webp', await picture('webp')],
    ['image/avif', await picture('avif')],
    ['application/pdf', pdf()],
    ['application/vnd.openxmlformats-officedocument.wordprocessingml.document', docx()],
    ['application/vnd.oasis.opendocument.text', odt()],
    ['video/mp4', mp4()],
    ['audio/wav', wav()],
    ['text/plain; charset=utf-8', utf8('BMW приїхало, 10 < 20\r\n\tok')],
  ]

  for (const [type, bytes] of samples) assert.equal(await verdict(bytes, 'evil.exe'), type)
  assert.equal(await verdict(utf8('a,b\n1,2'), 'x.CSV'), 'text/csv; charset=utf-8')
})

test('what runs or is drawn by browsers is refused', async () => {
  const bad: Record<string, Buffer> = {
    page: utf8('<html><body>hi</body></html>'),
    'page behind spaces and a mark': utf8('\ufeff \n\t<!DOCTYPE html><p>'),
    'script in a text': utf8('hello <script>alert(1)</script>'),
    drawing: utf8('<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'),
    xml: utf8('<?xml version="1.0"?><svg/>'),
    shell: utf8('#!/bin/sh\nrm -rf /'),
    rtf: utf8('{\\rtf1 {\\object }}'),
    shortcut: utf8('[InternetShortcut]\nURL=file://evil'),
    program: behind(utf8('MZ\x90\x00\x03'), Buffer.alloc(100)),
    elf: behind(utf8('\x7fELF\x02\x01'), Buffer.alloc(100)),
    'latin text': Buffer.from('caf\xe9', 'latin1'),
    'utf-16': Buffer.from('\ufeffhello', 'utf16le'),
    controls: utf8('a\x1b[31mred'),
    archive: zipOf([{ name: 'run.txt', data: 'x' }]),
    jar: zipOf([{ name: 'META-INF/MANIFEST.MF', data: 'x' }]),
  }

  for (const [what, bytes] of Object.entries(bad)) assert.equal(await verdict(bytes), 'unsupported', what)
  assert.equal(await verdict(Buffer.alloc(0)), 'broken')
})

test('macros, programs and active content inside documents are refused', async () => {
  for (const name of [
    'word/vbaProject.bin',
    'word/activeX/activeX1.xml',
    'word/embeddings/oleObject1.bin',
    'word/media/run.EXE',
    'x/evil.js',
    'Basic/Standard/Module1.xml',
  ])
    assert.equal(await verdict(docx({ name, data: 'x' })), 'unsupported', name)
  const macroType = zipOf([
    { name: '[Content_Types].xml', data: 'application/vnd.ms-word.document.macroEnabled.main+xml' },
    { name: 'word/document.xml', data: '<w/>' },
  ])
  assert.equal(await verdict(macroType), 'unsupported')
  for (const inside of [
    '/OpenAction<</S/JavaScript/JS(app.alert(1))>>',
    '/A<</S/J#61vaScript>>',
    '/A<</S/Launch/F(cmd)>>',
  ])
    assert.equal(await verdict(pdf(inside)), 'unsupported', inside)
})

/** A JPEG with a comment right behind its beginning. */
function commented(jpeg: Buffer, comment: string | Buffer): Buffer {
  const text = Buffer.from(comment)
  const head = Buffer.from([0xff, 0xfe, (text.length + 2) >> 8, (text.length + 2) & 255])
  return Buffer.concat([jpeg.subarray(0, 2), head, text, jpeg.subarray(2)])
}

test('a file that is two things at once is refused', async () => {
  const zip = zipOf([{ name: 'evil.txt', data: 'x' }])
  const jpeg = await picture('jpeg')
  const bad: Record<string, Buffer> = {
    'jpeg and zip': behind(jpeg, zip),
    'jpeg and program': behind(jpeg, `MZ\x90${'program'.repeat(50)}`),
    'moving photo and program': behind(jpeg, Buffer.concat([mp4(), Buffer.from('\x7fELF\x02')])),
    'jpeg with a zip in its comment': commented(jpeg, zip),
    'pdf with a zip in it': pdf(`/X(${zip.toString('latin1')})`),
    'jpeg and page': behind(jpeg, '<script>alert(1)</script>'),
    'png and zip': behind(await picture('png'), zip),
    'png and php': behind(await picture('png'), '<?php system($_GET[0]);'),
    'gif and js': behind(await picture('gif'), '=1;alert(1)'),
    'webp and rar': behind(await picture('webp'), 'Rar!\x1a\x07\x00'),
    'pdf and page': behind(pdf(), '<html><script>'),
    'pdf and zip': behind(pdf(), zip),
    'mp4 and zip': behind(mp4(), zip),
    'wav and program': behind(wav(), 'MZ\x90'),
    'docx with a comment': zipOf([{ name: '[Content_Types].xml', data: 'x' }], '<script>'),
    'docx with a tail': behind(docx(), 'x'),
    'a jpeg that says it is a PDF': commented(jpeg, '%PDF-1.4\n\n'),
    'jpeg with a script in its comment': commented(jpeg, '<script>alert(1)'),
  }

  for (const [what, bytes] of Object.entries(bad)) assert.equal(await verdict(bytes), 'unsupported', what)
  const moving = behind(jpeg, mp4())
  assert.equal(await verdict(moving), 'image/jpeg', 'the film of a moving photo may stand behind it')
  assert.equal(await verdict(behind(jpeg, Buffer.alloc(64))), 'image/jpeg', 'zeros are padding')
})

test('bombs are refused by what they claim', async () => {
  const png = await picture('png')
  const huge = Buffer.from(png)
  huge.writeUInt32BE(60_000, 16)
  const wide = await picture('gif')
  wide.writeUInt16LE(65_000, 6)
  const large = Buffer.from(png)
  large.writeUInt32BE(20_000, 16)
  large.writeUInt32BE(20_000, 20)
  const quine = docx({ name: 'word/big.xml', data: Buffer.alloc(20_000_000) })
  const liar = docx({ name: 'word/big.xml', data: 'x', claims: 4_000_000_000 })
  const many = zipOf(Array.from({ length: 5001 }, (_, at) => ({ name: `p${at}`, data: '', stored: true })))

  for (const bytes of [huge, wide, large, quine, liar, many]) assert.equal(await verdict(bytes), 'too_large')
})

test('bombs that claim less than they hold are refused when they are unpacked', async () => {
  const [zeros, few] = [Buffer.alloc(30_000_000), Buffer.alloc(7_000_000)]

  for (const claims of [0, 1000, 2_000_000])
    assert.equal(await verdict(docx({ name: 'word/big.xml', data: zeros, claims })), 'broken', String(claims))
  for (const claims of [few.length - 1, few.length + 1])
    assert.equal(await verdict(docx({ name: 'word/big.xml', data: few, claims })), 'broken', String(claims))
  assert.equal(await verdict(docx({ name: 'word/a.png', data: 'stored', stored: true, claims: 5 })), 'broken')
  assert.match(await verdict(docx({ name: 'word/big.xml', data: few })), /wordprocessing/)
})

/** The directory of a ZIP changed: every part is at the place of the first. */
function overlapping(): Buffer {
  const zip = docx({ name: 'word/a.xml', data: 'x' })
  const directory = zip.indexOf('PK\x01\x02', 0, 'latin1')
  for (let at = directory; at >= 0; at = zip.indexOf('PK\x01\x02', at + 4, 'latin1')) zip.writeUInt32LE(0, at + 42)
  return zip
}

test('damaged, overlapping, nameless and escaping parts are refused', async () => {
  const jpeg = await picture('jpeg')
  const bad: Record<string, Buffer> = {
    'half a jpeg': jpeg.subarray(0, jpeg.length / 2),
    'half a png': (await picture('png')).subarray(0, 60),
    'half a docx': docx().subarray(0, 200),
    'a pdf without its end': pdf().subarray(0, 40),
    'parts that overlap': overlapping(),
    traversal: docx({ name: '../../etc/passwd', data: 'x' }),
    absolute: docx({ name: '/etc/passwd', data: 'x' }),
    backslash: docx({ name: 'word\\..\\x', data: 'x' }),
    'the same name twice': docx({ name: 'word/Document.xml', data: 'x' }),
  }

  for (const [what, bytes] of Object.entries(bad)) assert.equal(await verdict(bytes), 'broken', what)
  assert.equal(await verdict(docx({ name: 'word/x.xml', data: 'x', flags: 1 })), 'unsupported', 'encrypted')
})

test('what spans the pieces that are read is seen all the same', async () => {
  const filler = Buffer.alloc(64 * 1024 - 5, 0x41)
  const png = await picture('png')
  const text = Buffer.concat([filler, Buffer.from('Приїхав, але є \x00 нуль')])

  assert.equal(await verdict(text), 'unsupported')
  assert.equal(await verdict(Buffer.concat([filler, Buffer.from('Приїхав')])), 'text/plain; charset=utf-8')
  assert.equal(
    await verdict(Buffer.concat([png, Buffer.alloc(64 * 1024 - png.length - 3), Buffer.from('Rar!\x1a\x07')])),
    'unsupported',
  )
})
