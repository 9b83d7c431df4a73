import { JWT } from 'google-auth-library'
import type { Credentials } from './push/credentials.ts'

/**
 * A client of Google's library that fetches a service account's tokens where its credentials say: by itself it asks Google whatever the file names. `subject` is
 * whom of a Google Workspace it acts for (domain-wide delegation). The library keeps a token until it expires, also one that was withdrawn: after a 401 make
 * another client. Errors of `getAccessToken` are the library's.
 */
export function signInAccount(
  { clientEmail, privateKey, tokenUri }: Credentials,
  { scopes, subject, timeoutMs }: { scopes: string[]; subject?: string | null; timeoutMs: number },
): JWT {
  const client = new JWT({
    email: clientEmail,
    key: privateKey,
    scopes,
    ...(subject ? { subject } : {}),
    additionalClaims: { aud: tokenUri },
  })
  client.transporter.interceptors.request.add({
    resolved: async (request) => {
      request.url = new URL(tokenUri)
      // Repeating is our queue's, which waits longer each time and is not forgotten in a crash.
      request.retryConfig = { retry: 0, noResponseRetries: 0, httpMethodsToRetry: [] }
      request.timeout = timeoutMs
      return request
    },
  })
  return client
}
