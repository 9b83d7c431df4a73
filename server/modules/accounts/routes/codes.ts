import type { FastifyInstance } from 'fastify'
import { operation } from '../../../platform/http/operation.ts'
import { Nothing } from '../../../platform/http/shapes.ts'
import { ChangePasswordBody, Confirmed, EmailBody, ResetBody, TokenBody, Undone, VerifyBody } from '../schema/codes.ts'
import { undoEmailChange } from '../service/change-email.ts'
import { verifyEmail, verifyLink } from '../service/confirm-email.ts'
import { requestCode } from '../service/mail-codes.ts'
import { changePassword, resetPassword } from '../service/passwords.ts'

const tag = 'Authentication'
const email = 'jane@example.com'
const token = 'c1x9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08'
const asked = 'If the e-mail is registered, a code has been sent'

// All of them are `secret`: a code is tried in a transaction of its own, which an Idempotency-Key would undo with the refusal, so that tries were not counted.
const guarded = { tag, limit: 'auth', secret: true } as const

/** Codes and links that come by mail: confirming an e-mail, resetting a password; and changing the password while signed in. */
export function codeRoutes(app: FastifyInstance): void {
  operation(app, {
    ...guarded,
    method: 'POST',
    path: '/auth/email-confirm/request/',
    who: 'public',
    summary: 'Ask for a code to confirm an e-mail',
    description:
      'A mail with a six-digit code and a link, both valid for 15 minutes, at most 5 an hour. The answer never tells whether the e-mail is registered, or confirmed already.',
    body: EmailBody,
    data: Nothing,
    message: asked,
    example: { body: { email }, data: null },
    run: async (ctx, { body }) => {
      await requestCode(ctx, 'email_confirmation', body.email)
      return null
    },
  })
  for (const path of ['/auth/email-confirm/verify/', '/auth/verify-email/']) {
    operation(app, {
      ...guarded,
      method: 'POST',
      path,
      who: 'public',
      summary: 'Confirm an e-mail with the code or the token of the mail',
      description: 'Takes `email` and `code`, or `token`. A code serves once and allows 5 tries.',
      body: VerifyBody,
      data: Confirmed,
      message: 'E-mail confirmed successfully',
      errors: ['CONFLICT'],
      example: { body: { email, code: '123456' }, data: { email, email_confirmed: true } },
      run: (ctx, { body }) => verifyEmail(ctx, body),
    })
  }
  operation(app, {
    ...guarded,
    method: 'GET',
    path: '/auth/email-confirm/verify/',
    who: 'public',
    summary: 'Confirm an e-mail with the link of the mail',
    description: 'Repeats its answer for as long as the link lives, since mail programs open links before people do.',
    query: TokenBody,
    data: Confirmed,
    message: 'E-mail confirmed successfully',
    errors: ['CONFLICT'],
    example: { data: { email, email_confirmed: true } },
    run: (ctx, { query }) => verifyLink(ctx, query.token),
  })
  operation(app, {
    ...guarded,
    method: 'POST',
    path: '/auth/email-change/undo/',
    who: 'public',
    summary: 'Take a change of e-mail back',
    description:
      'With the token of the link that the old address was sent, for 72 hours. All sessions and all open codes of the account end.',
    body: TokenBody,
    data: Undone,
    message: 'E-mail change undone successfully',
    errors: ['CONFLICT'],
    example: { body: { token }, data: { email } },
    run: (ctx, { body }) => undoEmailChange(ctx, body.token),
  })
  operation(app, {
    ...guarded,
    method: 'POST',
    path: '/auth/password-reset/request/',
    who: 'public',
    summary: 'Ask for a code to set a new password',
    description:
      'A mail with a six-digit code, valid for 15 minutes, at most 5 an hour. The answer never tells whether the e-mail is registered.',
    body: EmailBody,
    data: Nothing,
    message: asked,
    example: { body: { email }, data: null },
    run: async (ctx, { body }) => {
      await requestCode(ctx, 'password_reset', body.email)
      return null
    },
  })
  operation(app, {
    ...guarded,
    method: 'POST',
    path: '/auth/password-reset/confirm/',
    who: 'public',
    summary: 'Set a new password with the code',
    description: 'Ends all sessions of the account. A code serves once and allows 5 tries.',
    body: ResetBody,
    data: Nothing,
    message: 'Password reset successfully',
    example: { body: { email, code: '123456', new_password: 'NewSecurePassword123!' }, data: null },
    run: async (ctx, { body }) => {
      await resetPassword(ctx, body)
      return null
    },
  })
  operation(app, {
    ...guarded,
    method: 'POST',
    path: '/auth/password-change/',
    who: 'any',
    summary: 'Change your own password',
    description:
      'Ends all your other sessions. An account without a password needs a sign-in of the last 5 minutes instead.',
    body: ChangePasswordBody,
    data: Nothing,
    message: 'Password changed successfully',
    errors: ['AUTHENTICATION_FAILED', 'PERMISSION_DENIED'],
    example: { body: { current_password: 'password123', new_password: 'NewSecurePassword123!' }, data: null },
    run: async (ctx, { body }) => {
      await changePassword(ctx, body)
      return null
    },
  })
}
