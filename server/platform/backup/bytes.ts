/** A stream of bytes as something that so many can be asked of, whatever pieces they come in. */
export class Bytes {
  readonly #source: AsyncIterator<Uint8Array>
  #held: Buffer[] = []
  #length = 0

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#source = source[Symbol.asyncIterator]()
  }

  /** So many bytes, fewer only where the stream ends. */
  async upTo(count: number): Promise<Buffer> {
    while (this.#length < count) {
      const next = await this.#source.next()
      if (next.done) break
      this.#held.push(Buffer.from(next.value.buffer, next.value.byteOffset, next.value.byteLength))
      this.#length += next.value.byteLength
    }
    const [first] = this.#held
    const all = this.#held.length === 1 ? first! : Buffer.concat(this.#held)
    const taken = all.subarray(0, count)
    const rest = all.subarray(taken.length)
    this.#held = rest.length > 0 ? [rest] : []
    this.#length = rest.length
    return taken
  }

  /** The bytes up to and with the first line feed; null where there is none among so many. */
  async line(most: number): Promise<Buffer | null> {
    let line = Buffer.alloc(0)
    while (line.length < most) {
      const next = await this.upTo(1)
      if (next.length === 0) return null
      line = Buffer.concat([line, next])
      if (next[0] === 10) return line
    }
    return null
  }

  /** Nobody reads on: the source may close what it has open. */
  async close(): Promise<void> {
    await this.#source.return?.()
  }
}
