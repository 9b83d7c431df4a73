/** The embedded PostgreSQL cannot run here; the message says why and what to do, in words for whoever starts Banister. */
export class EmbeddedError extends Error {
  override name = 'EmbeddedError'
}
