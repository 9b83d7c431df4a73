// The tables as the code sees them. Generated: npx banister generate
import type { Generated, GeneratedAlways } from 'kysely'

export type Tables = {
  admin_permissions: {
    id: GeneratedAlways<number>
    user_id: number
    permission: string
    is_active: Generated<boolean>
    granted_by: number | null
    granted_at: Temporal.Instant
    revoked_by: number | null
    revoked_at: Temporal.Instant | null
  }
  audit_log: {
    id: GeneratedAlways<number>
    at: Temporal.Instant
    actor_id: number | null
    actor_email: string | null
    actor_role: string | null
    action: string
    outcome: string
    target_kind: string | null
    target_id: string | null
    before: unknown | null
    after: unknown | null
    address: string | null
    user_agent: string | null
    request_id: string | null
  }
  codes: {
    id: GeneratedAlways<number>
    user_id: number
    purpose: string
    email: string
    nonce: string
    code_hash: string
    created_at: Temporal.Instant
    expires_at: Temporal.Instant
    tries: Generated<number>
    used_at: Temporal.Instant | null
  }
  idempotency_keys: {
    actor: string
    method: string
    path: string
    key: string
    request_hash: string
    status: number | null
    body: string | null
    created_at: Temporal.Instant
  }
  known_addresses: {
    user_id: number
    address: string
    last_signed_in_at: Temporal.Instant
  }
  mail_outbox: {
    id: GeneratedAlways<number>
    message_id: string
    at: Temporal.Instant
    recipient: string
    subject: string
    text: string
    html: string
  }
  migrations: {
    name: string
    hash: string
    applied_at: Generated<Temporal.Instant>
  }
  notifications: {
    id: GeneratedAlways<number>
    user_id: number
    kind: string
    title: string
    body: string
    params: Generated<unknown>
    target: unknown | null
    created_at: Temporal.Instant
    read_at: Temporal.Instant | null
  }
  provider_profiles: {
    user_id: number
    experience_years: Generated<number>
    hourly_rate_minor: number | null
    currency: Generated<string>
    headline: Generated<string>
    languages: Generated<string[]>
    city: Generated<string>
    slug: string | null
    rating_sum: Generated<number>
    review_count: Generated<number>
    verified_at: Temporal.Instant | null
  }
  rate_limits: {
    key: string
    started_at: Temporal.Instant
    previous: number
    count: number
  }
  refresh_tokens: {
    token_hash: string
    session_id: number
    created_at: Temporal.Instant
    expires_at: Temporal.Instant
    used_at: Temporal.Instant | null
  }
  sessions: {
    id: GeneratedAlways<number>
    user_id: number
    created_at: Temporal.Instant
    last_used_at: Temporal.Instant
    expires_at: Temporal.Instant
    authenticated_at: Temporal.Instant
    ended_at: Temporal.Instant | null
    address: string
    user_agent: string
  }
  users: {
    id: GeneratedAlways<number>
    email: string
    email_key: string
    email_confirmed_at: Temporal.Instant | null
    pending_email: string | null
    password_hash: string | null
    role: string
    phone: string | null
    first_name: Generated<string>
    last_name: Generated<string>
    bio: Generated<string>
    birthday: Temporal.PlainDate | null
    time_zone: Generated<string>
    locale: string | null
    photo_key: string | null
    search_text: Generated<string>
    is_active: Generated<boolean>
    created_at: Temporal.Instant
    updated_at: Temporal.Instant
    deleted_at: Temporal.Instant | null
  }
}
