/** Who lives in the demo: the accounts that the sources name, independent providers of several cities, and a salon with its masters. */

export const demoPassword = 'password123'

export type DemoPerson = { email: string; first_name: string; last_name: string; time_zone: string }
export type DemoService = {
  title: string
  description: string
  price: number
  currency: string
  duration_minutes: number
  category: string
} & Record<string, unknown>
export type DemoProvider = DemoPerson & {
  headline: string
  bio: string
  city: string
  languages: string[]
  hourly_rate: number
  slug: string
  hours: [string, string]
  services: DemoService[]
}

const person = (email: string, first_name: string, last_name: string, time_zone: string): DemoPerson => ({
  email: `${email}@example.com`,
  first_name,
  last_name,
  time_zone,
})

export const customers: DemoPerson[] = [
  person('customer', 'John', 'Doe', 'America/New_York'),
  person('olena', 'Олена', 'Шевченко', 'Europe/Kyiv'),
  person('taras', 'Тарас', 'Коваль', 'Europe/Kyiv'),
  person('maria', 'María', 'García', 'Europe/Madrid'),
  person('anna', 'Анна', 'Иванова', 'Europe/Warsaw'),
  person('liam', 'Liam', 'O’Connor', 'Europe/Dublin'),
  person('sofia', 'Софія', 'Бондар', 'Europe/Kyiv'),
  person('noah', 'Noah', 'Fischer', 'Europe/Berlin'),
]

const service = (
  title: string,
  description: string,
  price: number,
  currency: string,
  duration_minutes: number,
  category: string,
  more: Record<string, unknown> = {},
): DemoService => ({
  title,
  description,
  price,
  currency,
  duration_minutes,
  category,
  ...more,
})
const policy = {
  cancellation_policy: [
    { hours_before: 24, refund_percent: 100 },
    { hours_before: 4, refund_percent: 50 },
  ],
}

export const providers: DemoProvider[] = [
  {
    ...person('provider', 'Jane', 'Smith', 'America/New_York'),
    headline: 'Web developer for small businesses',
    bio: 'Ten years of sites that load fast and say what they mean.',
    city: 'New York',
    languages: ['en'],
    hourly_rate: 100,
    slug: 'jane-smith',
    hours: ['09:00', '17:00'],
    services: [
      service('Web Development', 'Professional web development services', 100, 'USD', 60, 'Development', {
        location_type: 'online',
        ...policy,
      }),
      service('Site audit', 'Speed, accessibility and search, with a written report', 180, 'USD', 90, 'Development', {
        location_type: 'online',
        requires_approval: true,
      }),
      service('First talk', 'What you need and what it would cost; free of charge', 0, 'USD', 30, 'Development', {
        location_type: 'online',
      }),
    ],
  },
  {
    ...person('dmytro', 'Дмитро', 'Мельник', 'Europe/Kyiv'),
    headline: 'Репетитор з математики',
    bio: 'Готую до НМТ і допомагаю полюбити геометрію.',
    city: 'Київ',
    languages: ['uk', 'en'],
    hourly_rate: 20,
    slug: 'dmytro-math',
    hours: ['14:00', '21:00'],
    services: [
      service('Урок математики', 'Індивідуальне заняття для 7–11 класів', 600, 'UAH', 60, 'Навчання', {
        location_type: 'online',
      }),
      service('Група НМТ', 'Підготовка до іспиту в невеликій групі', 250, 'UAH', 90, 'Навчання', {
        capacity: 8,
        location_type: 'online',
      }),
    ],
  },
  {
    ...person('emma', 'Emma', 'Wilson', 'Europe/London'),
    headline: 'Yoga for backs that sit all day',
    bio: 'Slow classes, small groups, no mirrors.',
    city: 'London',
    languages: ['en', 'es'],
    hourly_rate: 45,
    slug: 'emma-yoga',
    hours: ['07:00', '20:00'],
    services: [
      service('Morning yoga', 'A group of up to ten', 15, 'GBP', 60, 'Fitness', { capacity: 10 }),
      service('Private yoga', 'At your home within zone 2', 60, 'GBP', 75, 'Fitness', {
        location_type: 'at_customer',
        buffer_before_minutes: 30,
        buffer_after_minutes: 30,
        ...policy,
      }),
    ],
  },
  {
    ...person('lucia', 'Lucía', 'Fernández', 'Europe/Madrid'),
    headline: 'Clases de español para adultos',
    bio: 'Conversación desde el primer día.',
    city: 'Madrid',
    languages: ['es', 'en'],
    hourly_rate: 25,
    slug: 'lucia-espanol',
    hours: ['10:00', '19:00'],
    services: [
      service('Clase de español', 'Individual, por videollamada', 25, 'EUR', 50, 'Languages', {
        location_type: 'online',
        slot_step_minutes: 60,
      }),
      service('Tertulia', 'Conversación en grupo', 8, 'EUR', 60, 'Languages', { capacity: 6, location_type: 'online' }),
    ],
  },
  {
    ...person('giorgi', 'გიორგი', 'ბერიძე', 'Asia/Tbilisi'),
    headline: 'Photographer of people and mountains',
    bio: 'Portraits in natural light.',
    city: 'Tbilisi',
    languages: ['ka', 'en', 'ru'],
    hourly_rate: 40,
    slug: 'giorgi-photo',
    hours: ['11:00', '19:00'],
    services: [
      service('Portrait session', 'Twenty edited photographs', 80, 'USD', 120, 'Photography', {
        min_notice_minutes: 1440,
        deposit: 20,
        ...policy,
      }),
      service('Passport photo', 'Ready at once', 6, 'USD', 15, 'Photography', { slot_step_minutes: 15 }),
    ],
  },
  {
    ...person('petra', 'Petra', 'Schneider', 'Europe/Berlin'),
    headline: 'Steuerberatung für Selbständige',
    bio: 'Verständlich, pünktlich, per Video.',
    city: 'Berlin',
    languages: ['de', 'en'],
    hourly_rate: 90,
    slug: 'petra-steuern',
    hours: ['08:00', '16:00'],
    services: [
      service('Beratung', 'Eine Stunde zu Ihren Fragen', 90, 'EUR', 60, 'Consulting', { location_type: 'online' }),
      service('Jahresabschluss', 'Gemeinsam durch die Unterlagen', 250, 'EUR', 180, 'Consulting', {
        requires_approval: true,
      }),
    ],
  },
  {
    ...person('ivan', 'Иван', 'Петров', 'Asia/Almaty'),
    headline: 'Мастер по ремонту велосипедов',
    bio: 'Приезжаю сам, всё починю на месте.',
    city: 'Алматы',
    languages: ['ru', 'kk'],
    hourly_rate: 15,
    slug: 'ivan-velo',
    hours: ['09:00', '18:00'],
    services: [
      service('Техобслуживание велосипеда', 'Чистка, смазка, настройка', 9000, 'KZT', 60, 'Ремонт', {
        location_type: 'at_customer',
        buffer_before_minutes: 20,
        buffer_after_minutes: 20,
      }),
      service('Замена камеры', 'С материалом', 4000, 'KZT', 30, 'Ремонт'),
    ],
  },
  {
    ...person('aiko', '愛子', '田中', 'Asia/Tokyo'),
    headline: 'Piano lessons, also for beginners of seventy',
    bio: 'Chopin, patience and tea.',
    city: 'Tokyo',
    languages: ['ja', 'en'],
    hourly_rate: 5000,
    slug: 'aiko-piano',
    hours: ['10:00', '20:00'],
    services: [
      service('Piano lesson', 'In my studio or online', 6000, 'JPY', 45, 'Music', {
        slot_step_minutes: 15,
        buffer_after_minutes: 15,
      }),
    ],
  },
]

/** The salon: its masters share its rooms. */
export const salon = {
  owner: person('salon', 'Ірина', 'Лавренко', 'Europe/Kyiv'),
  name: 'Лаванда SPA',
  city: 'Київ',
  address: 'вул. Хрещатик, 1',
  slug: 'lavanda-spa',
  time_zone: 'Europe/Kyiv',
  masters: [
    'Марія Ткач',
    'Оксана Гриценко',
    'Юлія Мороз',
    'Наталія Савчук',
    'Вікторія Лисенко',
    'Катерина Руденко',
    'Тетяна Кравець',
    'Ольга Поліщук',
    'Дарина Гончар',
    'Андрій Бойко',
    'Світлана Захарчук',
    'Людмила Панченко',
  ].map((name, i) => person(`master${i + 1}`, name.split(' ')[0]!, name.split(' ')[1]!, 'Europe/Kyiv')),
  rooms: [
    { name: 'Лілова', capacity: 2, equipment: ['massage table', 'shower'] },
    { name: 'М’ятна', capacity: 1, equipment: ['massage table'] },
    { name: 'Сауна', capacity: 6, equipment: ['sauna', 'shower'] },
    { name: 'Косметологія', capacity: 1, equipment: ['cosmetic chair', 'steamer'] },
    { name: 'Манікюр', capacity: 3, equipment: ['manicure table'] },
  ],
  /** Title, price in hryvnias, minutes, rooms by their place above, how many masters offer it. */
  services: [
    ['Класичний масаж', 900, 60, [0, 1], 6],
    ['Масаж спини', 600, 40, [0, 1], 6],
    ['Лімфодренажний масаж', 1100, 75, [0, 1], 4],
    ['Масаж гарячим камінням', 1400, 90, [0], 3],
    ['Тайський масаж', 1300, 90, [0, 1], 3],
    ['Масаж для двох', 2200, 90, [0], 4],
    ['Спортивний масаж', 1000, 60, [0, 1], 3],
    ['Масаж обличчя', 500, 30, [1, 3], 5],
    ['Чистка обличчя', 800, 60, [3], 3],
    ['Пілінг', 700, 45, [3], 3],
    ['Маска та догляд', 650, 45, [3], 4],
    ['Ламінування вій', 600, 60, [3], 2],
    ['Корекція брів', 300, 30, [3], 3],
    ['Манікюр', 450, 60, [4], 4],
    ['Педикюр', 650, 75, [4], 4],
    ['Покриття гель-лаком', 350, 45, [4], 4],
    ['Сауна', 400, 60, [2], 2],
    ['Обгортання', 950, 75, [0, 1], 3],
    ['SPA-день', 3500, 240, [0], 2],
    ['Депіляція', 550, 40, [1, 3], 3],
    ['Антицелюлітний масаж', 1200, 60, [0, 1], 4],
    ['Дитячий масаж', 500, 30, [1], 2],
    ['Стоунтерапія', 1500, 90, [0], 2],
    ['Консультація косметолога', 0, 20, [3], 2],
  ] as [string, number, number, number[], number][],
}

/** The administrative roles, one of each. */
export const administrators = [
  { email: 'manager@example.com', role: 'management', first_name: 'Mary', last_name: 'Manager' },
  { email: 'demo.admin@example.com', role: 'admin', first_name: 'Adam', last_name: 'Admin' },
  { email: 'demo.superadmin@example.com', role: 'super_admin', first_name: 'Susan', last_name: 'Super' },
  { email: 'accountant@example.com', role: 'accountant', first_name: 'Alan', last_name: 'Account' },
] as const
