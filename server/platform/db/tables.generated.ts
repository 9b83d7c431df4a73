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
  app_passwords: {
    id: string
    user_id: number
    name: string
    hash: string
    created_at: Temporal.Instant
    last_used_at: Temporal.Instant | null
    last_used_address: Generated<string>
  }
  attachments: {
    id: GeneratedAlways<number>
    owner_id: number
    key: string
    name: string
    content_type: string
    size: number
    sha256: string
    scan: string
    target_kind: string | null
    target_id: string | null
    created_at: Temporal.Instant
    taken_at: Temporal.Instant | null
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
  audit_people: {
    audit_id: number
    user_id: number
    field: string
    value: unknown
  }
  backups: {
    id: GeneratedAlways<number>
    kind: string
    name: string | null
    cause: string
    requested_by: number | null
    status: string
    created_at: Temporal.Instant
    started_at: Temporal.Instant | null
    finished_at: Temporal.Instant | null
    verified_at: Temporal.Instant | null
    unverified_reason: string | null
    size_bytes: number | null
    sha256: string | null
    items: number | null
    new_bytes: number | null
    places: Generated<unknown>
    deleted_at: Temporal.Instant | null
    error: string | null
  }
  blocks: {
    blocker_id: number
    blocked_id: number
    created_at: Temporal.Instant
  }
  booking_history: {
    id: GeneratedAlways<number>
    booking_id: number
    at: Temporal.Instant
    actor_id: number | null
    change: string
    status: string
    details: Generated<unknown>
  }
  booking_reminders: {
    booking_id: number
    kind: string
    starts_at: Temporal.Instant
    sent_at: Temporal.Instant
  }
  booking_series: {
    id: GeneratedAlways<number>
    service_id: number
    organization_id: string | null
    customer_id: number | null
    created_by: number | null
    rule: string
    time_zone: string
    starts_at: Temporal.Instant
    seats: number
    skipped: Generated<unknown>
    held_until: Temporal.Instant | null
    secured_at: Temporal.Instant | null
    expiry_told_at: Temporal.Instant | null
    created_at: Temporal.Instant
  }
  booking_sessions: {
    id: GeneratedAlways<number>
    service_id: number
    provider_id: number
    room_id: string | null
    starts_at: Temporal.Instant
    ends_at: Temporal.Instant
    buffer_before: number
    buffer_after: number
    capacity: number
    seats_taken: number
    created_at: Temporal.Instant
  }
  bookings: {
    id: GeneratedAlways<number>
    session_id: number
    service_id: number
    provider_id: number
    organization_id: string | null
    customer_id: number | null
    guest_name: string | null
    guest_phone: string | null
    guest_email: string | null
    starts_at: Temporal.Instant
    ends_at: Temporal.Instant
    seats: number
    status: string
    title: string
    price_minor: number
    deposit_minor: number | null
    currency: string
    payment: string
    requires_approval: boolean
    cancellation_policy: unknown
    location_type: string
    note: Generated<string>
    meeting_url: string | null
    proposed_at: Temporal.Instant | null
    expires_at: Temporal.Instant | null
    cancelled_by: string | null
    cancel_reason: string | null
    created_by: number | null
    created_at: Temporal.Instant
    updated_at: Temporal.Instant
    review_id: number | null
    review_rating: number | null
    reviewed_at: Temporal.Instant | null
    series_id: number | null
    occurrence_at: Temporal.Instant | null
    no_show_fee_minor: number | null
    no_show_outcome: string | null
  }
  calendar_shares: {
    id: string
    calendar_id: string
    organization_id: string
    user_id: number | null
    department_id: string | null
    access: string
    created_at: Temporal.Instant
  }
  calendars: {
    id: string
    owner_id: number
    organization_id: string | null
    name: string
    description: Generated<string>
    color: string
    is_public: Generated<boolean>
    time_zone: string
    is_first: Generated<boolean>
    feed_hash: string | null
    change: Generated<number>
    created_at: Temporal.Instant
    updated_at: Temporal.Instant
    href: string | null
    forgotten: Generated<number>
  }
  chat_members: {
    chat_id: number
    side: string
    user_id: number | null
    read_seq: Generated<number>
    unread: Generated<number>
    muted: Generated<boolean>
    notified: Generated<boolean>
    active_at: Temporal.Instant
    left_at: Temporal.Instant | null
  }
  chats: {
    id: GeneratedAlways<number>
    kind: string
    person_a: number
    person_b: number | null
    opened_by: string
    booking_id: number | null
    service_id: number | null
    last_seq: Generated<number>
    said_seq: Generated<number>
    created_at: Temporal.Instant
    updated_at: Temporal.Instant
    left_side: string | null
  }
  claim_horizon: {
    one: Generated<boolean>
    until: Temporal.Instant
  }
  claims: {
    id: GeneratedAlways<number>
    resource_id: number
    during: string
    exclusive: boolean
    source_kind: string
    source_id: string
    occurrence: Temporal.Instant | null
    expires_at: Temporal.Instant | null
    created_at: Temporal.Instant
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
    email_key: string
  }
  connected_accounts: {
    seller: string
    gateway: string
    destination: string
    created_at: Temporal.Instant
  }
  dav_properties: {
    user_id: number
    calendar_id: string
    name: string
    value: string
  }
  departments: {
    id: string
    organization_id: string
    parent_id: string | null
    name: string
    name_key: string
    description: Generated<string>
    head_id: number | null
    search_text: string
    created_at: Temporal.Instant
    updated_at: Temporal.Instant
  }
  devices: {
    id: GeneratedAlways<number>
    user_id: number
    session_id: number
    token: string
    token_hash: string
    platform: string
    name: string
    created_at: Temporal.Instant
    registered_at: Temporal.Instant
  }
  disputes: {
    id: string
    payment_id: number
    amount_minor: number
    status: string
    reason: string | null
    created_at: Temporal.Instant
    updated_at: Temporal.Instant
  }
  documents: {
    id: GeneratedAlways<number>
    owner_id: number
    title: string
    type: string
    status: string
    reason: string | null
    valid_until: Temporal.PlainDate | null
    reviewed_by: number | null
    reviewed_at: Temporal.Instant | null
    created_at: Temporal.Instant
    updated_at: Temporal.Instant
  }
  event_answers: {
    participant_id: string
    point: number
    recurrence_id: string
    status: string
    responded_at: Temporal.Instant
  }
  event_check_ins: {
    event_id: string
    point: number
    checked_in_by: number
    checked_in_at: Temporal.Instant
  }
  event_comments: {
    id: string
    event_id: string
    author_id: number
    text: string
    created_at: Temporal.Instant
  }
  event_overrides: {
    event_id: string
    point: number
    recurrence_id: string
    start_point: number | null
    start_text: string | null
    duration_seconds: number | null
    changes: Generated<unknown>
    has_own_room: Generated<boolean>
    room_id: string | null
    sequence: Generated<number>
    raw: unknown | null
    updated_at: Temporal.Instant
  }
  event_participants: {
    id: string
    event_id: string
    user_id: number | null
    email: string | null
    email_key: string | null
    name: Generated<string>
    role: Generated<string>
    status: Generated<string>
    responded_at: Temporal.Instant | null
    created_at: Temporal.Instant
  }
  event_reminding: {
    event_id: string
    told_until: Temporal.Instant
    next_at: Temporal.Instant | null
  }
  event_tombstones: {
    calendar_id: string
    event_id: string
    uid: string
    change: number
    deleted_at: Temporal.Instant
    href: string | null
  }
  events: {
    id: string
    calendar_id: string
    uid: string
    sequence: Generated<number>
    organizer_id: number
    title: string
    description: Generated<string>
    location: Generated<string>
    kind: string
    time_zone: string | null
    dtstart: string
    duration_seconds: number
    recurrence_rule: string | null
    rdates: Generated<string[]>
    exdates: Generated<string[]>
    span: string
    status: Generated<string>
    transparency: string | null
    visibility: Generated<string>
    room_id: string | null
    reminders: Generated<number[]>
    raw: unknown | null
    claimed_until: Temporal.Instant | null
    change: Generated<number>
    version: Generated<number>
    created_at: Temporal.Instant
    updated_at: Temporal.Instant
    href: string | null
  }
  exports: {
    id: GeneratedAlways<number>
    user_id: number
    status: string
    key: string
    size: number | null
    requested_at: Temporal.Instant
    finished_at: Temporal.Instant | null
    expires_at: Temporal.Instant | null
  }
  freed_times: {
    id: GeneratedAlways<number>
    service_id: number
    provider_id: number | null
    starts_at: Temporal.Instant
    ends_at: Temporal.Instant
    freed_at: Temporal.Instant
    next_at: Temporal.Instant | null
  }
  gateway_customers: {
    user_id: number
    gateway: string
    customer_id: string
    created_at: Temporal.Instant
  }
  gateway_operations: {
    id: GeneratedAlways<number>
    business_key: string
    gateway: string
    kind: string
    subject_id: number
    request: unknown
    state: Generated<string>
    result: unknown | null
    attempts: Generated<number>
    last_error: string | null
    next_at: Temporal.Instant
    created_at: Temporal.Instant
    finished_at: Temporal.Instant | null
  }
  google_channels: {
    id: string
    connection_id: number
    resource_id: string | null
    expires_at: Temporal.Instant | null
    is_ending: Generated<boolean>
    created_at: Temporal.Instant
  }
  google_connections: {
    id: GeneratedAlways<number>
    user_id: number
    account: string | null
    calendar_id: string
    refresh_token: string | null
    state: string
    consent: Generated<number>
    sync_token: string | null
    sync_turn: Generated<number>
    full_sync_at: Temporal.Instant | null
    synced_at: Temporal.Instant | null
    sync_wanted_at: Temporal.Instant | null
    created_at: Temporal.Instant
    updated_at: Temporal.Instant
  }
  google_consents: {
    state_hash: string
    user_id: number
    verifier: string
    expires_at: Temporal.Instant
  }
  google_events: {
    booking_id: number
    event_id: string
    connection_id: number | null
    calendar_id: string | null
    written: string | null
    written_from: Temporal.Instant | null
    written_to: Temporal.Instant | null
    is_removed: Generated<boolean>
    dirty_at: Temporal.Instant | null
    meet_wanted: Generated<boolean>
    meet_nth: Generated<number>
    meet_url: string | null
    turn: string | null
    turn_until: Temporal.Instant | null
    refusal: string | null
  }
  google_invitations: {
    booking_id: number
    user_id: number
    meet_url: string
    sent_at: Temporal.Instant
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
  insight_changes: {
    id: GeneratedAlways<number>
    scope: string | null
    at: Temporal.Instant
    kind: string
    currency: string
    count: number
    minutes: number
    amount_minor: number
    fee_minor: number
  }
  insight_quarters: {
    scope: string
    at: Temporal.Instant
    kind: string
    currency: string
    count: number
    minutes: number
    amount_minor: number
    fee_minor: number
  }
  invitations: {
    id: string
    organization_id: string
    email: string
    email_key: string
    role: string
    position: Generated<string>
    nonce: string
    invited_by: number | null
    created_at: Temporal.Instant
    expires_at: Temporal.Instant
    accepted_at: Temporal.Instant | null
    cancelled_at: Temporal.Instant | null
  }
  known_addresses: {
    user_id: number
    address: string
    last_signed_in_at: Temporal.Instant
  }
  ledger_accounts: {
    id: GeneratedAlways<number>
    kind: string
    seller: string
    provider_id: number | null
    organization_id: string | null
    currency: string
    created_at: Temporal.Instant
  }
  ledger_earnings: {
    payment_id: number
    account_id: number
    booking_id: number
    net_minor: number
    available_at: Generated<Temporal.Instant>
  }
  ledger_entries: {
    id: GeneratedAlways<number>
    transaction_id: number
    account_id: number
    amount_minor: number
    balance_minor: number | null
  }
  ledger_releases: {
    booking_id: number
    completed_at: Temporal.Instant
    available_at: Temporal.Instant
  }
  ledger_transactions: {
    id: GeneratedAlways<number>
    reference: string
    kind: string
    currency: string
    amount_minor: number
    fee_minor: Generated<number>
    payment_id: number | null
    withdrawal_id: number | null
    reverses_id: number | null
    at: Temporal.Instant
  }
  ledger_turns: {
    account_id: number
    turns: Generated<number>
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
  memberships: {
    id: GeneratedAlways<number>
    organization_id: string
    user_id: number
    role: string
    position: Generated<string>
    manager_id: number | null
    access_org_structure: Generated<boolean>
    access_tickets: Generated<boolean>
    access_availability_slots: Generated<boolean>
    show_local_time: Generated<boolean>
    show_moscow_time: Generated<boolean>
    joined_at: Temporal.Instant
    department_id: string | null
    search_text: Generated<string>
  }
  messages: {
    id: GeneratedAlways<number>
    chat_id: number
    seq: number
    person_a: number
    person_b: number | null
    side: string | null
    sender_id: number | null
    text: string
    params: unknown | null
    search_text: Generated<string>
    has_attachments: Generated<boolean>
    client_id: string | null
    request_hash: string | null
    created_at: Temporal.Instant
    edited_at: Temporal.Instant | null
    deleted_at: Temporal.Instant | null
  }
  migrations: {
    name: string
    hash: string
    applied_at: Generated<Temporal.Instant>
  }
  notification_people: {
    notification_id: number
    user_id: number
    param: string
  }
  notification_preferences: {
    user_id: number
    topic: string
    channel: string
    enabled: boolean
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
  organizations: {
    id: string
    name: string
    description: Generated<string>
    slug: string | null
    time_zone: Generated<string>
    currency: Generated<string>
    city: Generated<string>
    address: Generated<string>
    created_by: number | null
    created_at: Temporal.Instant
    updated_at: Temporal.Instant
    archived_at: Temporal.Instant | null
    rating_sum: Generated<number>
    review_count: Generated<number>
  }
  payables: {
    id: GeneratedAlways<number>
    source_kind: string
    source_id: number
    title: string
    payer_id: number
    provider_id: number
    organization_id: string | null
    amount_minor: number
    deposit_minor: number | null
    currency: string
    paid_minor: Generated<number>
    refunded_minor: Generated<number>
    is_processing: Generated<boolean>
    expires_at: Temporal.Instant | null
    closed_at: Temporal.Instant | null
    close_reason: string | null
    created_at: Temporal.Instant
  }
  payments: {
    id: GeneratedAlways<number>
    payable_id: number
    payer_id: number
    provider_id: number
    organization_id: string | null
    amount_minor: number
    fee_minor: number
    currency: string
    status: string
    refunded_minor: Generated<number>
    refunding_minor: Generated<number>
    disputed_minor: Generated<number>
    gateway: string
    intent_id: string | null
    client_secret: string | null
    card_brand: string | null
    card_last4: string | null
    failure_code: string | null
    decline_code: string | null
    told_at: Temporal.Instant | null
    check_at: Temporal.Instant | null
    checks: Generated<number>
    paid_at: Temporal.Instant | null
    created_at: Temporal.Instant
    updated_at: Temporal.Instant
  }
  photos: {
    key: string
    width: number
    height: number
    created_at: Temporal.Instant
  }
  provider_listings: {
    user_id: number
    is_listed: boolean
    search_text: string
    name_key: string
    city_key: string
    languages: string[]
    rating_tenths: number
    is_verified: Generated<boolean>
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
  quiet_hours: {
    user_id: number
    starts: string
    ends: string
  }
  rate_limits: {
    key: string
    started_at: Temporal.Instant
    previous: number
    count: number
  }
  receipt_series: {
    seller: string
    kind: string
    last: number
  }
  receipt_settings: {
    seller: string
    legal_name: Generated<string>
    address: Generated<string>
    tax_number: Generated<string>
    tax_name: Generated<string>
    tax_rate: number | null
    updated_at: Temporal.Instant
  }
  receipts: {
    id: GeneratedAlways<number>
    seller: string
    kind: string
    number: number
    payment_id: number
    refund_id: number | null
    data: unknown
    issued_at: Temporal.Instant
  }
  recovery_codes: {
    user_id: number
    code_hash: string
    used_at: Temporal.Instant | null
  }
  refresh_tokens: {
    token_hash: string
    session_id: number
    created_at: Temporal.Instant
    expires_at: Temporal.Instant
    used_at: Temporal.Instant | null
  }
  refunds: {
    id: GeneratedAlways<number>
    payment_id: number
    amount_minor: number
    fee_minor: Generated<number>
    status: string
    cause: string
    reason: string | null
    requested_by: number | null
    refund_id: string | null
    failure_code: string | null
    created_at: Temporal.Instant
    updated_at: Temporal.Instant
  }
  reports: {
    id: GeneratedAlways<number>
    message_id: number
    reporter_id: number
    reason: string
    text: string
    status: Generated<string>
    note: Generated<string>
    resolved_by: number | null
    resolved_at: Temporal.Instant | null
    created_at: Temporal.Instant
  }
  resources: {
    id: GeneratedAlways<number>
    kind: string
    user_id: number | null
    room_id: string | null
    organization_id: string | null
    time_zone: string
    version: Generated<number>
  }
  review_invitations: {
    booking_id: number
    invited_at: Temporal.Instant
  }
  review_reports: {
    id: GeneratedAlways<number>
    review_id: number
    reporter_id: number
    reason: string
    text: string
    answer: string | null
    status: Generated<string>
    note: Generated<string>
    resolved_by: number | null
    resolved_at: Temporal.Instant | null
    created_at: Temporal.Instant
  }
  review_totals: {
    kind: string
    key: string
    one: Generated<number>
    two: Generated<number>
    three: Generated<number>
    four: Generated<number>
    five: Generated<number>
  }
  reviews: {
    id: GeneratedAlways<number>
    booking_id: number
    provider_id: number
    service_id: number
    organization_id: string | null
    customer_id: number | null
    rating: number
    text: string
    answer: string | null
    answered_by: number | null
    answered_at: Temporal.Instant | null
    answer_edited_at: Temporal.Instant | null
    hidden_at: Temporal.Instant | null
    hidden_reason: string | null
    created_at: Temporal.Instant
    edited_at: Temporal.Instant | null
  }
  rooms: {
    id: string
    organization_id: string
    name: string
    description: Generated<string>
    capacity: number
    location: Generated<string>
    equipment: Generated<string[]>
    time_zone: Generated<string>
    is_active: Generated<boolean>
    created_at: Temporal.Instant
    updated_at: Temporal.Instant
    archived_at: Temporal.Instant | null
    search_text: Generated<string>
    equipment_keys: Generated<string[]>
    check_in_minutes: number | null
  }
  sandbox_answers: {
    key: string
    request_hash: string
    answer: unknown
    created_at: Temporal.Instant
  }
  sandbox_objects: {
    id: string
    kind: string
    parent: string | null
    data: unknown
    created_at: Temporal.Instant
  }
  saved_methods: {
    id: GeneratedAlways<number>
    user_id: number
    gateway: string
    method_id: string
    type: string
    brand: string | null
    last4: string | null
    saved_at: Temporal.Instant
    chosen_at: Temporal.Instant
  }
  schedule_entries: {
    id: GeneratedAlways<number>
    resource_id: number
    kind: string
    weekday: number | null
    start_minute: number | null
    end_minute: number | null
    date: Temporal.PlainDate | null
    intervals: number[] | null
    starts_at: Temporal.PlainDateTime | null
    ends_at: Temporal.PlainDateTime | null
    reason: Generated<string>
    created_by: number | null
    created_at: Temporal.Instant
    updated_at: Temporal.Instant
  }
  service_photos: {
    id: GeneratedAlways<number>
    service_id: number
    file_key: string
    position: number
    created_at: Temporal.Instant
  }
  service_rooms: {
    service_id: number
    room_id: string
  }
  service_staff: {
    service_id: number
    user_id: number
  }
  services: {
    id: GeneratedAlways<number>
    provider_id: number | null
    organization_id: string | null
    created_by: number | null
    title: string
    description: string
    price_minor: number
    currency: string
    deposit_minor: number | null
    duration_minutes: Generated<number>
    buffer_before_minutes: Generated<number>
    buffer_after_minutes: Generated<number>
    slot_step_minutes: Generated<number>
    min_notice_minutes: Generated<number>
    max_advance_days: number | null
    capacity: Generated<number>
    category: Generated<string>
    location_type: Generated<string>
    requires_approval: Generated<boolean>
    payment: string
    cancellation_policy: Generated<unknown>
    is_active: Generated<boolean>
    search_text: Generated<string>
    created_at: Temporal.Instant
    updated_at: Temporal.Instant
    archived_at: Temporal.Instant | null
    is_hidden: Generated<boolean>
    is_listed: GeneratedAlways<boolean>
    title_key: Generated<string>
    category_key: Generated<string>
    city_key: Generated<string>
    price_rank: Generated<number>
    rating_tenths: Generated<number>
    languages: Generated<string[]>
    no_show_fee_minor: number | null
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
    second_factor_at: Temporal.Instant | null
  }
  sign_in_challenges: {
    token_hash: string
    user_id: number
    expires_at: Temporal.Instant
    tries: Generated<number>
    used_at: Temporal.Instant | null
  }
  slugs: {
    slug: string
    owner_kind: string
    owner_id: string
    is_current: Generated<boolean>
    nth: GeneratedAlways<number>
  }
  socket_departures: {
    user_id: number
    left_at: Temporal.Instant
  }
  socket_nodes: {
    node: string
    alive_at: Temporal.Instant
  }
  socket_people: {
    user_id: number
    node: string
  }
  socket_tickets: {
    ticket_hash: string
    user_id: number
    session_id: number
    token_expires_at: Temporal.Instant
    expires_at: Temporal.Instant
  }
  stream_entries: {
    user_id: number
    seq: number
    type: string
    data: unknown
    created_at: Temporal.Instant
  }
  streams: {
    user_id: number
    last_seq: number
  }
  ticket_changes: {
    id: GeneratedAlways<number>
    ticket_id: string
    at: Temporal.Instant
    actor_id: number | null
    field: string
    before: string | null
    after: string | null
  }
  ticket_comments: {
    id: string
    ticket_id: string
    author_id: number | null
    body: string
    is_internal: boolean
    created_at: Temporal.Instant
  }
  ticket_desks: {
    organization_id: string
    last_number: Generated<number>
    low_hours: Generated<number>
    normal_hours: Generated<number>
    high_hours: Generated<number>
    urgent_hours: Generated<number>
    categories: Generated<string[]>
    updated_at: Temporal.Instant
  }
  tickets: {
    id: string
    organization_id: string
    number: number
    title: string
    description: string
    status: string
    priority: string
    priority_rank: GeneratedAlways<number>
    category: Generated<string>
    requester_id: number | null
    assignee_id: number | null
    search_text: string
    counted_from: Temporal.Instant
    warn_at: Temporal.Instant
    due_at: Temporal.Instant
    warned_at: Temporal.Instant | null
    breached_at: Temporal.Instant | null
    resolved_at: Temporal.Instant | null
    closed_at: Temporal.Instant | null
    created_at: Temporal.Instant
    updated_at: Temporal.Instant
  }
  transfer_returns: {
    id: GeneratedAlways<number>
    withdrawal_id: number
    amount_minor: number
    status: string
    reason: string | null
    try_at: Temporal.Instant | null
    created_at: Temporal.Instant
    updated_at: Temporal.Instant
  }
  two_factor: {
    user_id: number
    secret: string
    created_at: Temporal.Instant
    confirmed_at: Temporal.Instant | null
    last_step: Generated<number>
    failures: Generated<number>
    failures_since: Temporal.Instant
  }
  uploads_of_days: {
    user_id: number
    day: Temporal.PlainDate
    bytes: number
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
  waiting_list: {
    id: GeneratedAlways<number>
    service_id: number
    provider_id: number | null
    customer_id: number
    from_at: Temporal.Instant
    to_at: Temporal.Instant
    seats: Generated<number>
    created_at: Temporal.Instant
    offered_at: Temporal.Instant | null
    ended_at: Temporal.Instant | null
  }
  waiting_offers: {
    freed_id: number
    waiting_id: number
    starts_at: Temporal.Instant
    offered_at: Temporal.Instant
  }
  webhook_attempts: {
    id: GeneratedAlways<number>
    delivery_id: string
    number: number
    at: Temporal.Instant
    duration_ms: number
    status_code: number | null
    error: string | null
    response_body: string | null
  }
  webhook_deliveries: {
    id: string
    endpoint_id: string
    message_id: string
    status: Generated<string>
    reason: string | null
    tries: Generated<number>
    attempts: Generated<number>
    next_attempt_at: Temporal.Instant | null
    leased_until: Temporal.Instant | null
    created_at: Temporal.Instant
    finished_at: Temporal.Instant | null
  }
  webhook_endpoints: {
    id: string
    owner_kind: string
    organization_id: string | null
    provider_id: number | null
    created_by: number | null
    url: string
    description: string
    event_types: string[]
    is_active: Generated<boolean>
    off_reason: string | null
    off_at: Temporal.Instant | null
    secret: string
    previous_secret: string | null
    previous_until: Temporal.Instant | null
    failing_since: Temporal.Instant | null
    last_failure_at: Temporal.Instant | null
    last_success_at: Temporal.Instant | null
    created_at: Temporal.Instant
    updated_at: Temporal.Instant
  }
  webhook_events: {
    id: string
    type: string
    object_id: string | null
    outcome: string
    happened_at: Temporal.Instant
    received_at: Temporal.Instant
  }
  webhook_messages: {
    id: string
    type: string
    body: string | null
    people: number[]
    created_at: Temporal.Instant
  }
  withdrawals: {
    id: GeneratedAlways<number>
    account_id: number
    currency: string
    requested_by: number
    amount_minor: number
    method: string
    status: string
    reference: string | null
    reason: string | null
    decided_by: number | null
    decided_at: Temporal.Instant | null
    paid_by: number | null
    paid_at: Temporal.Instant | null
    destination: string | null
    transfer_id: string | null
    transfer_open: Generated<boolean>
    transfer_error: string | null
    transfer_at: Temporal.Instant | null
    refusals: Generated<number>
    returned_minor: Generated<number>
    created_at: Temporal.Instant
    updated_at: Temporal.Instant
  }
}
