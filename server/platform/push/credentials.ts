import { createPrivateKey } from 'node:crypto'
import { readFileSync } from 'node:fs'

/** What a service account's file tells that we need. */
export type Credentials = { projectId: string; clientEmail: string; privateKey: string; tokenUri: string }

const fields = { projectId: 'project_id', clientEmail: 'client_email', privateKey: 'private_key' } as const

/**
 * Reads the JSON file of a Google service account, as the console of Firebase gives it.
 * @throws an Error that says what is wrong with it, and never what is in it
 */
export function readCredentials(file: string): Credentials {
  const given = parsed(file)
  const found = Object.fromEntries(
    Object.entries(fields).map(([key, name]) => {
      const value = given[name]
      if (typeof value !== 'string' || value === '') throw new Error(`has no ${name}`)
      return [key, value]
    }),
  ) as Omit<Credentials, 'tokenUri'>
  const tokenUri = given['token_uri'] ?? 'https://oauth2.googleapis.com/token'
  if (typeof tokenUri !== 'string' || !/^https?:$/.test(URL.parse(tokenUri)?.protocol ?? ''))
    throw new Error('has a token_uri that is no web address')
  if (!/^[\w.:-]+$/.test(found.projectId)) throw new Error('has a project_id that is none')
  try {
    createPrivateKey(found.privateKey)
  } catch {
    throw new Error('has a private_key that is none')
  }
  return { ...found, tokenUri }
}

function parsed(file: string): Record<string, unknown> {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch {
    throw new Error('names a file that cannot be read')
  }
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>
  } catch {
    // Told below: the parser's own words would repeat what is in the file.
  }
  throw new Error('names a file that is not the JSON of a service account')
}
