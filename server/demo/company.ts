import type { DemoPerson } from './people.ts'

/** A company that plans with Banister: offices in five zones, a tree of departments, rooms, meetings, and the questions that its IT answers. */

export type Employee = DemoPerson & {
  role: 'admin' | 'it' | 'employee'
  position: string
  department: string
  /** First name of whom they report to. */
  manager: string | null
  birthday: string
  locale: 'en' | 'es' | 'ru' | 'uk'
}

/** E-mail, name, zone, role, position, department, manager, birthday, language. */
type Row = [string, string, string, Employee['role'], string, string, string | null, string, Employee['locale']]

const rows: Row[] = [
  [
    'office.admin',
    'Agnieszka Nowak',
    'Europe/Warsaw',
    'admin',
    'Chief operating officer',
    'Meridian',
    null,
    '1981-03-14',
    'en',
  ],
  ['office.it', 'Тимур Ахметов', 'Asia/Almaty', 'it', 'Системный администратор', 'IT', 'Piotr', '1992-02-29', 'ru'],
  ['office.employee', 'Marta Ruiz', 'Europe/Madrid', 'employee', 'Diseñadora', 'Design', 'Ганна', '1994-11-02', 'es'],
  ['piotr', 'Piotr Zieliński', 'Europe/Warsaw', 'it', 'Head of IT', 'IT', 'Agnieszka', '1985-07-21', 'en'],
  ['ewa', 'Ewa Lis', 'Europe/Warsaw', 'employee', 'Office manager', 'Operations', 'Agnieszka', '1992-12-24', 'en'],
  ['hanna', 'Ганна Левченко', 'Europe/Kyiv', 'admin', 'Керівниця продукту', 'Product', 'Agnieszka', '1987-05-17', 'uk'],
  ['bohdan', 'Богдан Литвин', 'Europe/Kyiv', 'employee', 'Розробник', 'Product', 'Ганна', '1996-01-09', 'uk'],
  ['oleksii', 'Олексій Гнатюк', 'Europe/Kyiv', 'employee', 'Тестувальник', 'Product', 'Ганна', '1993-09-30', 'uk'],
  ['carmen', 'Carmen Vega', 'Europe/Madrid', 'employee', 'Jefa de ventas', 'Sales', 'Agnieszka', '1979-06-05', 'es'],
  ['diego', 'Diego Torres', 'Europe/Madrid', 'employee', 'Ventas', 'Sales', 'Carmen', '1998-04-18', 'es'],
  ['kenji', '健二 森', 'Asia/Tokyo', 'employee', 'Sales, Asia', 'Sales', 'Carmen', '1988-10-11', 'en'],
  ['saule', 'Сауле Ибраева', 'Asia/Almaty', 'employee', 'Логист', 'Operations', 'Ewa', '1991-08-08', 'ru'],
  [
    'grace',
    'Grace Murphy',
    'Europe/Dublin',
    'employee',
    'People partner',
    'People and finance',
    'Agnieszka',
    '1983-02-11',
    'en',
  ],
  [
    'aidan',
    'Aidan Walsh',
    'Europe/Dublin',
    'employee',
    'Accountant',
    'People and finance',
    'Grace',
    '1989-12-01',
    'en',
  ],
]

export const employees: Employee[] = rows.map(
  ([email, name, time_zone, role, position, department, manager, birthday, locale]) => {
    const [first_name, last_name] = name.split(' ') as [string, string]
    return {
      email: `${email}@example.com`,
      first_name,
      last_name,
      time_zone,
      role,
      position,
      department,
      manager,
      birthday,
      locale,
    }
  },
)

const emailOf = (firstName: string): string => employees.find((one) => one.first_name === firstName)!.email

export const company = {
  name: 'Meridian Logistics',
  time_zone: 'Europe/Warsaw',
  city: 'Warszawa',
  address: 'ul. Prosta 20',
  slug: 'meridian',
  /** Name, the department above it, e-mail of its head. */
  departments: [
    ['Meridian', null, emailOf('Agnieszka')],
    ['Operations', 'Meridian', emailOf('Ewa')],
    ['IT', 'Operations', emailOf('Piotr')],
    ['Product', 'Meridian', emailOf('Ганна')],
    ['Design', 'Product', emailOf('Marta')],
    ['Sales', 'Meridian', emailOf('Carmen')],
    ['People and finance', 'Meridian', emailOf('Grace')],
  ] as [string, string | null, string][],
  rooms: [
    { name: 'Baltyk', capacity: 14, location: '3rd floor', equipment: ['projector', 'whiteboard', 'video conference'] },
    {
      name: 'Wisła',
      capacity: 6,
      location: '3rd floor',
      equipment: ['screen', 'video conference'],
      check_in_minutes: 10,
    },
    { name: 'Mazury', capacity: 4, location: '2nd floor', equipment: ['screen', 'whiteboard'] },
    { name: 'Tatry', capacity: 2, location: '2nd floor', equipment: ['telephone'] },
  ],
}

export type Ticket = {
  daysAgo: number
  from: string
  title: string
  description?: string
  priority: 'low' | 'normal' | 'high' | 'urgent'
  category: string
  status: 'open' | 'in_progress' | 'resolved' | 'closed'
  /** Who said what; `internal` only among those who look after tickets. */
  comments?: { by: string; text: string; internal?: true }[]
}

const it = emailOf('Тимур')
const head = emailOf('Piotr')

export const categories = ['Hardware', 'Software', 'Access', 'Office']

export const tickets: Ticket[] = [
  {
    daysAgo: 19,
    from: emailOf('Diego'),
    title: 'El portátil no se enciende',
    priority: 'high',
    category: 'Hardware',
    status: 'closed',
    comments: [
      { by: it, text: 'Обнаружен неисправный блок питания, новый уже едет в Мадрид.', internal: true },
      { by: head, text: 'A new power supply is on its way to Madrid, it arrives tomorrow.' },
      { by: emailOf('Diego'), text: 'Ya funciona, ¡gracias!' },
    ],
  },
  {
    daysAgo: 15,
    from: emailOf('Grace'),
    title: 'Access to the payroll folder for Aidan',
    priority: 'normal',
    category: 'Access',
    status: 'closed',
  },
  {
    daysAgo: 10,
    from: emailOf('Богдан'),
    title: 'Другий монітор',
    description: '27 дюймів, якщо є на складі.',
    priority: 'low',
    category: 'Hardware',
    status: 'resolved',
    comments: [{ by: head, text: 'On your desk since this morning.' }],
  },
  {
    daysAgo: 8,
    from: emailOf('健二'),
    title: 'VPN drops every evening',
    description: 'At about 18:00 in Tokyo.',
    priority: 'high',
    category: 'Software',
    status: 'resolved',
    comments: [{ by: it, text: 'The router renewed its address at that hour; now it does so at night.' }],
  },
  {
    daysAgo: 6,
    from: emailOf('Marta'),
    title: 'Licencia de la herramienta de diseño',
    description: 'La mía caduca este mes.',
    priority: 'normal',
    category: 'Software',
    status: 'in_progress',
    comments: [
      { by: it, text: 'Заказал, счёт у бухгалтерии.', internal: true },
      { by: emailOf('Marta'), text: '¿Hay novedades?' },
    ],
  },
  {
    daysAgo: 4,
    from: emailOf('Ewa'),
    title: 'The projector of Baltyk shows everything in green',
    priority: 'normal',
    category: 'Office',
    status: 'in_progress',
  },
  {
    daysAgo: 2,
    from: emailOf('Сауле'),
    title: 'Не печатает принтер этикеток',
    priority: 'urgent',
    category: 'Hardware',
    status: 'in_progress',
    comments: [{ by: it, text: 'Драйвер обновил, проверьте, пожалуйста.' }],
  },
  {
    daysAgo: 1,
    from: emailOf('Олексій'),
    title: 'Тестовий телефон на Android 17',
    priority: 'low',
    category: 'Hardware',
    status: 'open',
  },
  {
    daysAgo: 0.3,
    from: emailOf('Carmen'),
    title: 'Firma de correo para todo el equipo',
    description: 'Con el teléfono nuevo de Madrid.',
    priority: 'normal',
    category: 'Software',
    status: 'open',
  },
  {
    daysAgo: 0.1,
    from: emailOf('Aidan'),
    title: 'I am locked out of the bank’s site',
    priority: 'urgent',
    category: 'Access',
    status: 'open',
    comments: [{ by: emailOf('Aidan'), text: 'The payments of today are due at five.' }],
  },
]
