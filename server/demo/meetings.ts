/** What stands in the calendars of the company. Days count from the Monday of the week that people look at; times are of the zone beside them. */

type Answer = 'accepted' | 'declined' | 'tentative'

export type Meeting = {
  title: string
  by: string
  /** Its day from that Monday; 0 is the Monday itself. */
  day: number
  start: string
  minutes: number
  time_zone: string
  /** Whole days have no time: so many of them. */
  days?: number
  calendar?: 'Office' | 'Product'
  room?: string
  /** First part of an RRULE; a series ends after so many weeks from that Monday. */
  rule?: string
  weeks?: number
  people?: string[] | 'all'
  answers?: Record<string, Answer>
  comments?: { by: string; text: string }[]
  description?: string
  reminders?: number[]
  visibility?: 'private'
  /** One occurrence that differs: by its day from that Monday, what of it. */
  exception?: { day: number; cancelled?: true; start?: string; room?: string; title?: string }
}

export const meetings: Meeting[] = [
  {
    title: 'All hands',
    description: 'What was shipped, what comes next, and questions.',
    by: 'office.admin',
    day: -21,
    start: '10:00',
    minutes: 45,
    time_zone: 'Europe/Warsaw',
    rule: 'FREQ=WEEKLY;BYDAY=MO',
    weeks: 12,
    room: 'Baltyk',
    people: 'all',
    reminders: [15],
    answers: { 'office.employee': 'accepted', 'office.it': 'accepted', kenji: 'declined', carmen: 'tentative' },
  },
  {
    title: 'Планування тижня',
    by: 'hanna',
    day: -20,
    start: '11:00',
    minutes: 60,
    time_zone: 'Europe/Kyiv',
    calendar: 'Product',
    rule: 'FREQ=WEEKLY;BYDAY=TU',
    weeks: 8,
    room: 'Mazury',
    people: ['bohdan', 'oleksii', 'office.employee'],
    answers: { bohdan: 'accepted', 'office.employee': 'accepted' },
    comments: [{ by: 'oleksii', text: 'Додайте, будь ласка, час на регресію перед релізом.' }],
    exception: { day: 1, start: '15:00', room: 'Tatry', title: 'Планування тижня: реліз' },
  },
  {
    title: 'Reunión de ventas',
    by: 'carmen',
    day: -18,
    start: '09:30',
    minutes: 30,
    time_zone: 'Europe/Madrid',
    rule: 'FREQ=WEEKLY;INTERVAL=2;BYDAY=TH',
    weeks: 10,
    people: ['diego', 'kenji'],
    answers: { diego: 'accepted' },
  },
  {
    title: 'Стендап',
    by: 'hanna',
    day: -7,
    start: '09:30',
    minutes: 15,
    time_zone: 'Europe/Kyiv',
    calendar: 'Product',
    rule: 'FREQ=WEEKLY;BYDAY=MO,WE,FR',
    weeks: 4,
    people: ['bohdan', 'oleksii'],
    exception: { day: 9, cancelled: true },
  },
  {
    title: 'Interview: warehouse lead',
    by: 'grace',
    day: 2,
    start: '14:00',
    minutes: 60,
    time_zone: 'Europe/Warsaw',
    room: 'Wisła',
    people: ['office.admin', 'ewa'],
    answers: { ewa: 'accepted', 'office.admin': 'tentative' },
    comments: [
      { by: 'grace', text: 'The candidate comes by train, please be at the door five minutes before.' },
      { by: 'ewa', text: 'I will.' },
    ],
  },
  {
    title: 'Прототип нового кабінету',
    by: 'office.employee',
    day: 3,
    start: '12:00',
    minutes: 45,
    time_zone: 'Europe/Madrid',
    room: 'Mazury',
    people: ['hanna', 'bohdan'],
    answers: { hanna: 'accepted', bohdan: 'declined' },
    comments: [{ by: 'bohdan', text: 'Я в потязі, подивлюся запис.' }],
  },
  {
    title: 'Замена роутера в Алматы',
    by: 'office.it',
    day: 4,
    start: '19:00',
    minutes: 90,
    time_zone: 'Asia/Almaty',
    people: ['saule', 'piotr'],
    answers: { piotr: 'accepted' },
    reminders: [60],
  },
  {
    title: 'Visita del cliente',
    by: 'carmen',
    day: 8,
    start: '11:00',
    minutes: 120,
    time_zone: 'Europe/Warsaw',
    room: 'Baltyk',
    people: ['office.admin', 'diego', 'office.employee'],
  },
  {
    title: 'One to one',
    by: 'office.admin',
    day: 3,
    start: '15:00',
    minutes: 30,
    time_zone: 'Europe/Warsaw',
    room: 'Tatry',
    people: ['piotr'],
    visibility: 'private',
  },
  {
    title: 'Dentista',
    by: 'office.employee',
    day: 1,
    start: '17:00',
    minutes: 60,
    time_zone: 'Europe/Madrid',
    visibility: 'private',
  },
  { title: 'Payroll closes', by: 'aidan', day: 4, start: '', minutes: 0, days: 1, time_zone: 'Europe/Dublin' },
  {
    title: 'Stocktaking',
    by: 'ewa',
    day: 10,
    start: '',
    minutes: 0,
    days: 2,
    time_zone: 'Europe/Warsaw',
    calendar: 'Office',
  },
  {
    title: 'Lunch together',
    by: 'ewa',
    day: 4,
    start: '13:00',
    minutes: 60,
    time_zone: 'Europe/Warsaw',
    calendar: 'Office',
    people: ['office.admin', 'piotr', 'grace'],
    answers: { grace: 'accepted', piotr: 'accepted' },
  },
]
