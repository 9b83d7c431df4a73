import { Type } from 'typebox'
import { Email, Id, Instant, Line, OneOf, TimeZone } from '../../../platform/http/shapes.ts'
import { Name, Phone, Role, User } from './people.ts'

/** Longer than any password that is typed, short enough that hashing it costs nothing special. */
export const Password = Type.String({ minLength: 1, maxLength: 200, examples: ['password123'] })
export const NewPassword = Type.String({ minLength: 8, maxLength: 200, examples: ['password123'] })
export const RegisterByRole = Type.Object({
  email: Email,
  password: NewPassword,
  confirm_password: NewPassword,
  first_name: Name,
  last_name: Name,
  phone: Phone,
  time_zone: Type.Optional(TimeZone),
})

export const Register = Type.Object({
  email: Email,
  password: NewPassword,
  confirm_password: Type.Optional(NewPassword),
  full_name: Type.Optional(Line(200, 1)),
  first_name: Type.Optional(Name),
  last_name: Type.Optional(Name),
  phone: Type.Optional(Phone),
  role: Type.Optional(OneOf(['customer', 'provider'])),
  time_zone: Type.Optional(TimeZone),
})

export const SignIn = Type.Object({ email: Email, password: Password })
export const RefreshBody = Type.Object({ refresh: Type.String({ minLength: 1, maxLength: 500 }) })
export const SignOutBody = Type.Object({ refresh: Type.Optional(Type.String({ maxLength: 500 })) })
export const PasswordBody = Type.Object({ password: Type.Optional(Password) })

export const SignedIn = Type.Object(
  { access: Type.String(), refresh: Type.String(), role: Role, user: User },
  { title: 'SignedIn' },
)
export const TokenPair = Type.Object({ access: Type.String(), refresh: Type.String() }, { title: 'TokenPair' })

export const Session = Type.Object(
  {
    id: Id,
    created_at: Instant,
    last_used_at: Instant,
    expires_at: Instant,
    address: Type.String(),
    user_agent: Type.String(),
    is_current: Type.Boolean(),
  },
  { title: 'Session' },
)
