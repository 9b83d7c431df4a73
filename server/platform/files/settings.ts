/** What is checked of the settings of S3 (SPEC section 8), for `config.ts`. */

/** `host`, `host:port` or a URL without a path; in the first two MINIO_USE_SSL says which scheme. */
export const storeEndpoint = (raw: string): string => {
  const given = raw.replace(/\/+$/, '')
  const whole = /^https?:\/\//.test(given) ? given : `https://${given}`
  if (!URL.canParse(whole) || new URL(whole).pathname !== '/' || !/^https?:\/\/[^/?#@]+$/.test(whole))
    throw new Error('must be a host, a host and port such as minio:9000, or a URL such as https://s3.example.com')
  return given
}

/** What stands before the names of buckets: with the longest of ours at most the 63 characters that S3 takes. */
export const bucketPrefix = (raw: string): string => {
  if (!/^[a-z0-9][a-z0-9-]{0,39}$/.test(raw))
    throw new Error('must be small letters, digits and dashes, at most 40, such as banister-')
  return raw
}

/** The name of one bucket, as S3 takes it. */
export const bucketName = (raw: string): string => {
  if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(raw))
    throw new Error('must be the name of a bucket: 3 to 63 small letters, digits, dots and dashes')
  return raw
}

/** What is wrong between the settings of S3. */
export function problemsOfStore(values: Record<string, unknown>): string[] {
  const { MINIO_ENDPOINT: endpoint, MINIO_USE_SSL: useSsl } = values
  const keys = ['MINIO_ACCESS_KEY', 'MINIO_SECRET_KEY']
  if (endpoint === undefined) return []
  if (endpoint === null)
    return keys
      .filter((name) => typeof values[name] === 'string')
      .map((name) => `MINIO_ENDPOINT is required with ${name}`)
  const problems = keys.filter((name) => values[name] === null).map((name) => `${name} is required with MINIO_ENDPOINT`)
  const scheme = /^(https?):/.exec(endpoint as string)?.[1]
  if (scheme !== undefined && typeof useSsl === 'boolean' && useSsl !== (scheme === 'https'))
    problems.push(`MINIO_USE_SSL must not be ${useSsl} where MINIO_ENDPOINT begins with ${scheme}://`)
  if (values['ENVIRONMENT'] === 'production' && values['MINIO_SECRET_KEY'] === 'minioadmin')
    problems.push('MINIO_SECRET_KEY must not be minioadmin in production: everybody knows it')
  return problems
}

/** The endpoint of S3 as a whole URL. */
export function storeUrl(endpoint: string, useSsl: boolean | null): string {
  if (/^https?:/.test(endpoint)) return endpoint
  const host = new URL(`https://${endpoint}`).hostname.replaceAll(/[[\]]/g, '')
  return `${(useSsl ?? !/^(localhost|::1|127(\.\d+){3})$/.test(host)) ? 'https' : 'http'}://${endpoint}`
}
