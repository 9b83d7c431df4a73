import { categories, company, employees, tickets, type Ticket } from './company.ts'
import { hire } from './marketplace.ts'
import { meetings, type Meeting } from './meetings.ts'
import { inLanes, type Id, type Story } from './story.ts'

export type Company = {
  id: Id
  rooms: Map<string, Id>
  departments: Map<string, Id>
  calendars: Map<string, Id>
}

const address = (name: string): string => `${name}@example.com`
const admin = employees[0]!.email

/** The company is founded: its people, the tree of its departments, rooms and shared calendars. */
export async function foundCompany(story: Story): Promise<Company> {
  const { ask, join, idOf } = story
  await inLanes(employees, async (person) => {
    await join(person)
    const { birthday, locale } = person
    await ask('PATCH', '/auth/profile/', person.email, { profile: { birthday, locale } })
  })
  const { name, time_zone, city, address: street, slug } = company
  const { id } = await ask('POST', '/organizations/', admin, {
    name,
    time_zone,
    city,
    address: street,
    slug,
    currency: 'EUR',
  })
  const hired = employees.filter(({ email }) => email !== admin)
  await inLanes(hired, ({ email, role, position }) => hire(story, id, admin, email, { role, position }))
  const departments = new Map<string, Id>()
  for (const [title, above, head] of company.departments) {
    const parent = above === null ? {} : { parent_id: departments.get(above) }
    const made = await ask('POST', '/departments/', admin, {
      organization_id: id,
      name: title,
      head_id: idOf(head),
      ...parent,
    })
    departments.set(title, made.id)
  }
  await inLanes(employees, async ({ email, position, department, manager }) => {
    const above = employees.find((one) => one.first_name === manager)
    await ask('PUT', `/organizations/${id}/members/${idOf(email)}/`, admin, {
      position,
      department_id: departments.get(department),
      manager_id: above ? idOf(above.email) : null,
    })
  })
  const rooms = new Map<string, Id>()
  for (const room of company.rooms)
    rooms.set(room.name, (await ask('POST', '/rooms/', admin, { ...room, organization_id: id, time_zone })).id)
  await ask('PUT', '/tickets/settings/', admin, { organization_id: id, categories })
  return { id, rooms, departments, calendars: await openCalendars(story, id, departments) }
}

/** One that all of the company read, and one in which a department writes. */
async function openCalendars(
  { ask }: Story,
  organization_id: Id,
  departments: Map<string, Id>,
): Promise<Map<string, Id>> {
  const make = async (owner: string, name: string, color: string, share: object): Promise<[string, Id]> => {
    const { id } = await ask('POST', '/calendars/', address(owner), { name, color, organization_id })
    await ask('POST', `/calendars/${id}/shares/`, address(owner), share)
    return [name, id]
  }
  return new Map([
    await make('ewa', 'Office', '#2f855a', { organization_id, access: 'read' }),
    await make('hanna', 'Product', '#b7791f', { department_id: departments.get('Product'), access: 'write' }),
  ])
}

/** The Monday of the week that people look at: of this one, at the weekend of the next. */
export function mondayOf(present: Temporal.Instant): Temporal.PlainDate {
  const today = present.toZonedDateTimeISO(company.time_zone).toPlainDate()
  return today.dayOfWeek > 5 ? today.add({ days: 8 - today.dayOfWeek }) : today.subtract({ days: today.dayOfWeek - 1 })
}

/** Meetings are set, with rooms, invitations, answers and comments. */
export async function plan(story: Story, { rooms, calendars }: Company): Promise<void> {
  const monday = mondayOf(story.present)
  await inLanes(meetings, async (meeting) => {
    const { by, people = [], answers = {}, comments = [] } = meeting
    const invited = people === 'all' ? employees.map(({ email }) => email) : people.map(address)
    const { id } = await story.ask('POST', '/events/', address(by), {
      ...timesOf(meeting, monday),
      title: meeting.title,
      description: meeting.description ?? '',
      visibility: meeting.visibility ?? 'public',
      reminders: meeting.reminders ?? [],
      ...(meeting.calendar ? { calendar_id: calendars.get(meeting.calendar) } : {}),
      ...(meeting.room ? { room_id: rooms.get(meeting.room) } : {}),
      ...(meeting.exception ? { overrides: [exceptionOf(meeting, meeting.exception, monday, rooms)] } : {}),
      participants: invited.filter((email) => email !== address(by)).map((email) => ({ user_id: story.idOf(email) })),
    })
    for (const [who, status] of Object.entries(answers))
      await story.ask('POST', `/events/${id}/respond/`, address(who), { status })
    for (const { by: author, text } of comments)
      await story.ask('POST', `/events/${id}/comments/`, address(author), { text })
  })
}

function timesOf(
  { day, days, start, minutes, time_zone, rule, weeks = 0 }: Meeting,
  monday: Temporal.PlainDate,
): object {
  const date = monday.add({ days: day })
  if (days) return { is_all_day: true, start_time: date.toString(), end_time: date.add({ days }).toString() }
  const begins = date.toPlainDateTime(start)
  const last = monday.add({ weeks }).toPlainDateTime(start).toZonedDateTime(time_zone).toInstant()
  return {
    start_time: begins.toString(),
    end_time: begins.add({ minutes }).toString(),
    time_zone,
    ...(rule ? { recurrence_rule: `${rule};UNTIL=${last.toString().replace(/[-:]/g, '')}` } : {}),
  }
}

function exceptionOf(
  { start, minutes }: Meeting,
  { day, cancelled, start: moved = start, room, title }: NonNullable<Meeting['exception']>,
  monday: Temporal.PlainDate,
  rooms: Map<string, Id>,
): object {
  const date = monday.add({ days: day })
  const recurrence_id = date.toPlainDateTime(start).toString()
  if (cancelled) return { recurrence_id, cancelled }
  const begins = date.toPlainDateTime(moved)
  return {
    recurrence_id,
    start_time: begins.toString(),
    end_time: begins.add({ minutes }).toString(),
    ...(title ? { title } : {}),
    ...(room ? { room_id: rooms.get(room) } : {}),
  }
}

const stepsTo: Record<Ticket['status'], Ticket['status'][]> = {
  open: [],
  in_progress: ['in_progress'],
  resolved: ['in_progress', 'resolved'],
  closed: ['in_progress', 'resolved', 'closed'],
}

/** Employees ask for help, each in their time: IT takes it, answers, settles it. */
export async function askForHelp(story: Story, { id: organization_id }: Company): Promise<void> {
  const { ask, idOf, present, setNow } = story
  for (const { daysAgo, from, title, description = '', priority, category, status, comments = [] } of tickets) {
    setNow(present.subtract({ minutes: Math.round(daysAgo * 1440) }))
    const helper = address(priority === 'low' ? 'piotr' : 'office.it')
    const made = await ask('POST', '/tickets/', from, { organization_id, title, description, priority, category })
    const step = (fields: object): Promise<unknown> => ask('PUT', `/tickets/${made.id}/`, helper, fields)
    setNow(present.subtract({ minutes: Math.round(daysAgo * 1440 * 0.9) }))
    if (status !== 'open') await step({ assignee_id: idOf(helper) })
    for (const next of stepsTo[status].slice(0, 1)) await step({ status: next })
    for (const { by, text, internal = false } of comments)
      await ask('POST', `/tickets/${made.id}/comments/`, by, { text, is_internal: internal })
    for (const next of stepsTo[status].slice(1)) await step({ status: next })
  }
}
