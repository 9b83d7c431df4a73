import type { FastifyInstance } from 'fastify'
import { operation } from '../../../platform/http/operation.ts'
import { isoOrNull, Nothing } from '../../../platform/http/shapes.ts'
import { exampleUser } from '../schema/people.ts'
import { SignedIn } from '../schema/sign-in.ts'
import {
  BeginBody,
  CompleteBody,
  ConfirmBody,
  ProofBody,
  RecoveryCodes,
  TwoFactorBegun,
  TwoFactorState,
} from '../schema/two-factor.ts'
import { completeSignIn } from '../service/complete-sign-in.ts'
import {
  beginTwoFactor,
  confirmTwoFactor,
  getTwoFactor,
  renewRecoveryCodes,
  turnOffTwoFactor,
} from '../service/two-factor.ts'
import { exampleTokens, greeting } from './authentication.ts'

const tag = 'Authentication'
const secret = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP'
const recovery_codes = ['4c7k-9x2m-p0ta-w8rz', 'h3nd-71qk-s5vb-2jxe']
const code = '492039'

// All of them are `secret`, as the codes of mails: a try is counted in a transaction of its own, and answers hold secrets.
const guarded = { tag, limit: 'auth', secret: true, who: 'any', withoutSecondFactor: true } as const

/** The second factor: setting it up, turning it off, and the second half of a sign-in with it. */
export function twoFactorRoutes(app: FastifyInstance): void {
  operation(app, {
    method: 'GET',
    path: '/auth/two-factor/',
    who: 'any',
    tag,
    withoutSecondFactor: true,
    summary: 'Your second factor',
    description: 'Whether it is on, whether it must be, and how many recovery codes are left.',
    data: TwoFactorState,
    message: 'Second factor retrieved successfully',
    example: {
      data: { enabled: true, enabled_at: '2026-01-12T08:00:00Z', is_required: false, recovery_codes_left: 10 },
    },
    run: async (ctx) => {
      const state = await getTwoFactor(ctx)
      return { ...state, enabled_at: isoOrNull(state.enabled_at) }
    },
  })
  operation(app, {
    ...guarded,
    method: 'POST',
    path: '/auth/two-factor/',
    summary: 'Begin a second factor',
    description:
      'Answers a new secret for an authenticator (TOTP: SHA-1, six digits, 30 seconds). Nothing asks for it until a code of it came back within the hour. Needs the password, or a sign-in of the last 5 minutes.',
    body: BeginBody,
    data: TwoFactorBegun,
    message: 'Second factor begun: confirm it with a code',
    errors: ['AUTHENTICATION_FAILED', 'PERMISSION_DENIED', 'CONFLICT'],
    example: {
      body: { password: 'password123' },
      data: {
        secret,
        otpauth_url: `otpauth://totp/Banister:jane%40example.com?secret=${secret}&issuer=Banister`,
        qr_code: 'data:image/svg+xml;base64,PHN2ZyB4bWxucz0iaHR0cDovL3d3dy53My5vcmcvMjAwMC9zdmciLz4=',
        expires_at: '2026-01-12T09:00:00Z',
      },
    },
    run: (ctx, { body }) => beginTwoFactor(ctx, body.password),
  })
  operation(app, {
    ...guarded,
    method: 'POST',
    path: '/auth/two-factor/confirm/',
    summary: 'Turn your second factor on',
    description:
      'With the first code of the authenticator. Answers ten recovery codes, this once. All your other sessions end, and a mail tells you.',
    body: ConfirmBody,
    data: RecoveryCodes,
    message: 'Second factor turned on successfully',
    errors: ['CONFLICT'],
    example: { body: { code }, data: { enabled: true, recovery_codes } },
    run: async (ctx, { body }) => ({
      enabled: true as const,
      recovery_codes: await confirmTwoFactor(ctx, body.code),
    }),
  })
  operation(app, {
    ...guarded,
    method: 'POST',
    path: '/auth/two-factor/recovery-codes/',
    summary: 'Make new recovery codes',
    description: 'Ten in the place of those that there are. Needs the password, and `code` or `recovery_code`.',
    body: ProofBody,
    data: RecoveryCodes,
    message: 'Recovery codes made successfully',
    errors: ['AUTHENTICATION_FAILED', 'PERMISSION_DENIED', 'CONFLICT'],
    example: { body: { password: 'password123', code }, data: { enabled: true, recovery_codes } },
    run: async (ctx, { body }) => ({ enabled: true as const, recovery_codes: await renewRecoveryCodes(ctx, body) }),
  })
  operation(app, {
    ...guarded,
    method: 'DELETE',
    path: '/auth/two-factor/',
    summary: 'Turn your second factor off',
    description: 'Needs the password, and `code` or `recovery_code`. A mail tells you.',
    body: ProofBody,
    data: Nothing,
    message: 'Second factor turned off successfully',
    errors: ['AUTHENTICATION_FAILED', 'PERMISSION_DENIED', 'CONFLICT'],
    example: { body: { password: 'password123', code }, data: null },
    run: async (ctx, { body }) => {
      await turnOffTwoFactor(ctx, body)
      return null
    },
  })
  operation(app, {
    method: 'POST',
    path: '/auth/login/two-factor/',
    who: 'public',
    tag,
    limit: 'auth',
    secret: true,
    summary: 'Sign in, second half',
    description:
      'With the `challenge` that a sign-in answered, and `code` or `recovery_code`; the answer is that of a sign-in. A challenge serves once, for five minutes and five tries. The rule in the details of a refusal is `two_factor_code` (try again) or `two_factor_challenge` (give the password again).',
    body: CompleteBody,
    data: SignedIn,
    message: ({ role }) => ({ message: greeting(role), params: {} }),
    errors: ['AUTHENTICATION_FAILED'],
    example: {
      body: { challenge: 'q9Zt5mX1v0cT3rQ2kZ7b', code },
      data: { ...exampleTokens, role: 'provider', user: exampleUser },
    },
    run: (ctx, { body }) => completeSignIn(ctx, body),
  })
}
