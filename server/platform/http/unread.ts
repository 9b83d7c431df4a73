import type { ServerResponse } from 'node:http'

/** So many bytes may wait for whoever reads a stream. */
const mostUnread = 64 * 1024

/** Writes to a stream without an end; who does not read it is cut off, and may come again: else what is told to them would fill the memory. */
export function writeRead(raw: ServerResponse, text: string): void {
  if (raw.writableEnded) return
  if (raw.writableLength > mostUnread) raw.destroy()
  else raw.write(text)
}
