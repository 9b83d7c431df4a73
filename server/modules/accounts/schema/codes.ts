import { Type, type Static } from 'typebox'
import { Email } from '../../../platform/http/shapes.ts'
import { NewPassword, Password } from './sign-in.ts'

/** Six digits; spaces that a mail program or a hurried hand put between them do no harm. */
const Code = Type.String({ minLength: 1, maxLength: 20, examples: ['123456'] })
const Token = Type.String({
  minLength: 1,
  maxLength: 200,
  examples: ['c1xa81d4fae7dec11d0a76500a0c91e6bf6a81d4fae7dec11d0a76500a0c91e6bf6'],
})

export const EmailBody = Type.Object({ email: Email })
export const VerifyBody = Type.Object({
  email: Type.Optional(Email),
  code: Type.Optional(Code),
  token: Type.Optional(Token),
})
export type VerifyBody = Static<typeof VerifyBody>
export const TokenBody = Type.Object({ token: Token })
export const ResetBody = Type.Object({ email: Email, code: Code, new_password: NewPassword })
export const ChangePasswordBody = Type.Object({ current_password: Type.Optional(Password), new_password: NewPassword })

export const Confirmed = Type.Object(
  { email: Type.String(), email_confirmed: Type.Literal(true) },
  { title: 'EmailConfirmed' },
)
export const Undone = Type.Object({ email: Type.String() }, { title: 'EmailChangeUndone' })
