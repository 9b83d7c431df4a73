/** What the document begins with. */
export const about = `The API of Banister: a services marketplace, salons and a company planner on one record of who and what is taken when.

**Base URL**: \`/api/v1\` (\`/api/...\` without a version means the same). A trailing slash is optional.

**Roles**: customer, provider, management, admin, super_admin, accountant.

**How to authorize**: register, sign in (\`POST /api/v1/auth/login/\`), copy \`data.access\` and paste it here under *Authorize* (without \`Bearer\`; it is added for you).
An access token lives 30 minutes; \`POST /api/v1/auth/token/refresh/\` gives a new pair. Without a token the answer is 401 \`TOKEN_MISSING\`, with one that has expired or
whose session has ended 401 \`AUTHENTICATION_FAILED\`. An administrator of whom a second factor is required, and whose session proved none, is answered 403 with the rule
\`two_factor_required\` by everything but what sets it up.

**Answers** are \`{"success": true, "message", "data"}\`, lists \`{"results", "count", "next", "previous"}\` in \`data\`; refusals
\`{"success": false, "error": {"error_number", "error_message", "timestamp", "request_id", "details"?}}\`.
Times are ISO 8601 in UTC, money is a number in major units beside its currency.
What happens is told live on one WebSocket: [\`/asyncapi.json\`](/asyncapi.json) describes its frames.
Writes accept \`Idempotency-Key\`, GET answers bear \`ETag\` and honour \`If-None-Match\`, PUT accepts \`If-Match\`.`

/** What belongs under each tag of the operations. */
export const tagTexts: Record<string, string> = {
  Authentication: 'Registering, signing in and out, tokens, e-mail confirmation, password reset.',
  Profile: "The signed-in person's own profile, sessions and photo.",
  Administration: 'Administrators, their permissions and the audit log.',
  Users: 'Accounts, for administrators; colleagues, for members of an organization.',
  Dashboard: 'Figures and time series for customers, providers, organizations and administrators.',
  Messages: 'Chats between customers and providers, and with the support; live on the socket.',
  Notifications: 'What a person has been told.',
  Calendars: 'Calendars and with whom they are shared.',
  Events: 'Meetings and whatever else stands in a calendar: series, participants, answers.',
  Categories: 'The kinds of services.',
  Files:
    'Private files: uploaded first, then attached to messages, events and tickets; downloaded by links of five minutes.',
  Documents: 'Papers of providers and their review; who is verified.',
  Departments: 'The tree of an organization, its heads and members.',
  System: 'Is it alive?',
  Bookings: 'From the wish for a time to its completion; reminders, waiting list, links for guests.',
  Google: 'One’s own Google calendar: bookings go there, and its busy time keeps bookings away.',
  Organizations: 'Salons and companies, their members and invitations.',
  Payments: 'Paying for bookings, refunds, saved payment methods, receipts.',
  Providers: 'Who offers services.',
  Public: 'What anybody may see, without a token; nothing private.',
  Rooms: 'Treatment rooms and meeting rooms are one thing.',
  Reviews: 'What customers say of completed bookings, what providers answer, and its moderation.',
  Schedules: 'When people and rooms are open: weekly hours, overrides, time off, published slots.',
  Socket: 'The way onto the socket for everything live; its protocol stands in `/asyncapi.json`.',
  Services: 'What is sold, and its free slots.',
  Tickets: 'What members of an organization ask of its IT and admins.',
  Webhooks: 'What is posted to integrators: their endpoints, what was sent, and sending it again.',
  Withdrawals: "A seller's balance and what is paid out.",
}
