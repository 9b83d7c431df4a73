import { Type, type Static } from 'typebox'
import { Id, Instant, Nullable, OneOf } from '../../platform/http/shapes.ts'

const side = OneOf(['customer', 'provider'])

export const InvitationInput = Type.Object({ booking_id: Id })

export const Invitation = Type.Object(
  {
    booking_id: Id,
    meeting_url: Type.String({ description: 'The link of the conference; the booking bears it too.' }),
    invited: Type.Array(Type.Object({ user_id: Id, name: Type.String(), side })),
    not_invited: Type.Array(
      Type.Object({
        user_id: Nullable(Id),
        name: Type.String(),
        side,
        reason: OneOf(['email_not_confirmed', 'no_account', 'account_deleted']),
        message: Type.String(),
      }),
    ),
  },
  { title: 'GoogleMeetInvitation' },
)
export type InvitationView = Static<typeof Invitation>

export const exampleInvitation = {
  booking_id: 1,
  meeting_url: 'https://meet.google.com/abc-defg-hij',
  invited: [{ user_id: 3, name: 'John Doe', side: 'customer' }],
  not_invited: [
    {
      user_id: 2,
      name: 'Jane Smith',
      side: 'provider',
      reason: 'email_not_confirmed',
      message: 'Their e-mail is not confirmed',
    },
  ],
} satisfies InvitationView

export const Connection = Type.Object(
  {
    status: OneOf(['unavailable', 'not_connected', 'active', 'revoked'], {
      title: 'GoogleConnectionStatus',
      description:
        '`unavailable`: this house has no OAuth client. `revoked`: Google says that the consent is gone; connect again.',
    }),
    account: Nullable(Type.String({ description: 'The Google account.' })),
    connected_at: Nullable(Instant),
    synced_at: Nullable(Type.String({ format: 'date-time', description: 'When its busy time was last read.' })),
    is_live: Type.Boolean({ description: 'Google tells of changes at once; else they are read every 15 minutes.' }),
  },
  { title: 'GoogleConnection' },
)
export type ConnectionView = Static<typeof Connection>

export const exampleConnection = {
  status: 'active',
  account: 'jane@gmail.com',
  connected_at: '2026-01-12T08:00:00Z',
  synced_at: '2026-01-12T08:00:02Z',
  is_live: true,
} satisfies ConnectionView

export const Consent = Type.Object(
  {
    authorization_url: Type.String({ description: 'The page of Google’s to open in a browser.' }),
    expires_at: Instant,
  },
  { title: 'GoogleConsent' },
)
export type ConsentView = Static<typeof Consent>

export const CallbackInput = Type.Object({
  code: Type.String({ minLength: 1, maxLength: 2000 }),
  state: Type.String({ minLength: 1, maxLength: 200 }),
})
