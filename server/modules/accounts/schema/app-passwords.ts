import { Type } from 'typebox'
import { Instant, Line, Nullable, Uuid } from '../../../platform/http/shapes.ts'
import { Password } from './sign-in.ts'

export const AppPasswordBody = Type.Object({
  name: Type.String({ ...Line(100, 1), description: 'Where it is used, for your own list.', examples: ['My phone'] }),
  password: Type.Optional(Password),
})

const fields = {
  id: Uuid,
  name: Type.String(),
  created_at: Instant,
  last_used_at: Nullable(Instant),
  last_used_address: Type.String({ description: 'From where it was used last; empty where it never was.' }),
}

export const AppPassword = Type.Object(fields, { title: 'AppPassword' })

export const AppPasswordMade = Type.Object(
  {
    ...fields,
    user_name: Type.String({ description: 'What a calendar program asks for beside the password.' }),
    app_password: Type.String({ description: 'Shown this once.' }),
    server_url: Type.String({ description: 'The address that a calendar program is given.' }),
  },
  { title: 'AppPasswordMade' },
)

export const exampleAppPassword = {
  id: '0199c3a2-7c1e-7b6e-9d0a-3f1f5a6b7c8d',
  name: 'My phone',
  created_at: '2026-01-12T08:00:00Z',
  last_used_at: null,
  last_used_address: '',
}
