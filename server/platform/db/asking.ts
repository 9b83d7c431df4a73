import type { Statement } from './statement.ts'

/**
 * What was done for somebody who is not any more who they were recalled as is undone by this: their session has ended, or what they may do has changed. It is nobody's
 * to catch but whoever answers the request.
 */
export class NotAsRecalled extends Error {
  constructor() {
    super('who asks is not who they were recalled as')
  }
}

/**
 * Who asks, as recalled from their last request, until the database has said whether they still are (decision 0035). It is asked with the first statement that is sent
 * for them: with one that reads, or within their transaction; before any other one.
 */
export class Asking<Who extends object> {
  readonly recalled: Who
  /** Asks, and fails with `NotAsRecalled` unless all is as recalled. */
  readonly statement: Statement
  #found: Who | null | undefined = undefined

  /** `read` answers who asks by the rows of the statement: the very object that was recalled where nothing has changed, null where their session has ended. */
  constructor(recalled: Who, statement: Statement, read: (rows: readonly unknown[]) => Who | null) {
    this.recalled = recalled
    const expects = (rows: readonly unknown[]): Error | null => {
      // Whoever was somebody else once stays so: two statements at once may both have asked, and the one that was refused must not be taken for broken.
      if (this.isOpen || this.#found === recalled) this.#found = read(rows)
      return this.#found === recalled ? null : new NotAsRecalled()
    }
    this.statement = { ...statement, expects }
  }

  /** Who asks, by the database: undefined until it was asked. */
  get found(): Who | null | undefined {
    return this.#found
  }

  get isOpen(): boolean {
    return this.#found === undefined
  }

  /** @throws NotAsRecalled where the database has said so: nothing more is done for them */
  refuseOutdated(): void {
    if (!this.isOpen && this.#found !== this.recalled) throw new NotAsRecalled()
  }
}
