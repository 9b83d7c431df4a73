import { Type } from 'typebox'
import { Instant, Nullable, OneOf } from '../../../platform/http/shapes.ts'
import { Password, SignedIn } from './sign-in.ts'

/** Six digits of the authenticator; spaces between them do no harm. */
const TotpCode = Type.String({ minLength: 1, maxLength: 20, examples: ['492039'] })
const RecoveryCode = Type.String({ minLength: 1, maxLength: 60, examples: ['4c7k-9x2m-p0ta-w8rz'] })
const eitherCode = { code: Type.Optional(TotpCode), recovery_code: Type.Optional(RecoveryCode) }

export const BeginBody = Type.Object({ password: Type.Optional(Password) })
export const ConfirmBody = Type.Object({ code: TotpCode })
export const ProofBody = Type.Object({ password: Type.Optional(Password), ...eitherCode })
export const CompleteBody = Type.Object({
  challenge: Type.String({ minLength: 1, maxLength: 200, examples: ['q9Zt5mX1v0cT3rQ2kZ7b'] }),
  ...eitherCode,
})

export const TwoFactorState = Type.Object(
  {
    enabled: Type.Boolean(),
    enabled_at: Nullable(Instant),
    is_required: Type.Boolean({ description: 'Must this person have one here?' }),
    recovery_codes_left: Type.Integer({ minimum: 0 }),
  },
  { title: 'TwoFactorState' },
)

export const TwoFactorBegun = Type.Object(
  {
    secret: Type.String({ description: 'In Base32, for typing it in.' }),
    otpauth_url: Type.String({ description: 'The same for an authenticator on this device.' }),
    qr_code: Type.String({ description: 'The URL as a picture: a `data:` URL of an SVG.' }),
    expires_at: Instant,
  },
  { title: 'TwoFactorBegun' },
)

export const RecoveryCodes = Type.Object(
  {
    enabled: Type.Literal(true),
    recovery_codes: Type.Array(Type.String(), { description: 'Shown this once; each serves once.' }),
  },
  { title: 'RecoveryCodes' },
)

export const TwoFactorChallenge = Type.Object(
  {
    two_factor_required: Type.Literal(true),
    challenge: Type.String({
      description: 'For `auth/login/two-factor/`: once, within five minutes, with five tries.',
    }),
    expires_in: Type.Integer({ description: 'Seconds.' }),
    methods: Type.Array(OneOf(['totp', 'recovery_code'])),
  },
  { title: 'TwoFactorChallenge' },
)

/** What a sign-in endpoint answers: tokens, or, to somebody with a second factor, a challenge and no tokens. */
export const SignedInOrChallenge = Type.Union([SignedIn, TwoFactorChallenge])
