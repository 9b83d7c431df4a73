import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openHouse } from '../../../test/support.ts'

const house = await openHouse()
const anna = await house.person('provider', { first_name: 'Олена', last_name: 'Їжак' })
const bela = await house.person('provider', { first_name: 'Béla', last_name: 'Kovács' })
await house.call('PATCH', '/api/v1/auth/profile/', {
  token: anna.token,
  json: { provider_profile: { city: 'Львів', languages: ['uk', 'EN'] } },
})
await house.call('PATCH', '/api/v1/auth/profile/', {
  token: bela.token,
  json: { provider_profile: { city: 'Pécs', languages: ['hu'] } },
})
await house.drain()

const offer = async (token: string, title: string, price: number, extra: object = {}): Promise<number> => {
  house.pass({ minutes: 1 })
  const json = { title, description: `About ${title}`, price, ...extra }
  const answer = await house.call('POST', '/api/v1/services/', { token, json })
  assert.equal(answer.status, 201, answer.text)
  return answer.body['data'].id
}
const massage = await offer(anna.token, 'Лікувальний масаж спини', 900, { currency: 'UAH', category: 'Масаж' })
const creme = await offer(bela.token, 'Crème brûlée évening', 30, { category: 'Cooking', duration_minutes: 120 })
const web = await offer(bela.token, 'Web Development', 100, { category: 'IT', location_type: 'online' })
const design = await offer(bela.token, 'Web design 100%', 50.5, { category: 'it', duration_minutes: 30 })
const yen = await offer(bela.token, 'Sushi class', 4000, { category: 'Cooking', currency: 'JPY' })

type Row = { id: number; price: number; title: string }
const rows = async (query: string): Promise<Row[]> => {
  const answer = await house.call('GET', `/api/v1/public/services/?${query}`)
  assert.equal(answer.status, 200, answer.text)
  assert.equal(answer.body['data'].count, answer.body['data'].results.length)
  return answer.body['data'].results
}
const ids = async (query: string): Promise<number[]> => (await rows(query)).map(({ id }) => id)
const search = (words: string): Promise<number[]> => ids(`ordering=created_at&search=${encodeURIComponent(words)}`)

test('a search finds words and parts of words in any language, ignoring case and accents', async () => {
  assert.deepEqual(await search('МАСАЖ'), [massage])
  assert.deepEqual(await search('лікув'), [massage])
  assert.deepEqual(await search('асаж спин'), [massage])
  assert.deepEqual(await search('creme BRULEE'), [creme])
  assert.deepEqual(await search('évening'), [creme])
  assert.deepEqual(await search('web dev'), [web])
  assert.deepEqual(await search('web'), [web, design])
  assert.deepEqual(await search('we'), [web, design])
  assert.deepEqual(await search('development web'), [web])
})

test('every word must be found, in whatever of title, description, category, seller and city', async () => {
  assert.deepEqual(await search('web масаж'), [])
  assert.deepEqual(await search('kovacs web'), [web, design])
  assert.deepEqual(await search('pecs sushi'), [yen])
  assert.deepEqual(await search('Олена'), [massage])
  assert.deepEqual(await search('їжак львів'), [massage])
  assert.deepEqual(await search('about SUSHI'), [yen])
  assert.deepEqual(await search('zqxjkvbw'), [])
})

test('signs that mean something to the database are looked for as they are', async () => {
  assert.deepEqual(await search('100%'), [design])
  assert.deepEqual(await search('%'), [design])
  assert.deepEqual(await search('_'), [])
  assert.deepEqual(await search('\\'), [])
  assert.deepEqual(await search("'; DROP TABLE services; --"), [])
})

test('a search of nothing but spaces is none', async () => {
  assert.equal((await search('   ')).length, 5)
})

test('nobody is found by an e-mail', async () => {
  assert.deepEqual(await search(anna.email), [])
  assert.deepEqual((await house.call('GET', `/api/v1/public/providers/?search=${anna.email}`)).body['data'].results, [])
})

test('filters leave what they say', async () => {
  assert.deepEqual(await ids('ordering=created_at&category=IT'), [web, design])
  assert.deepEqual(await ids(`category=${encodeURIComponent('масаж')}`), [massage])
  assert.deepEqual(await ids('min_price=50.5&max_price=100&ordering=price'), [design, web])
  assert.deepEqual(await ids('min_price=50.51&max_price=100'), [web])
  assert.deepEqual(await ids('max_price=40'), [creme])
  assert.deepEqual(await ids('currency=JPY'), [yen])
  assert.deepEqual(await ids('duration=30'), [design])
  assert.deepEqual(await ids('location_type=online'), [web])
  assert.deepEqual(await ids('language=en'), [massage])
  assert.deepEqual(await ids('language=HU&category=cooking&ordering=created_at'), [creme, yen])
  assert.deepEqual(await ids(`city=${encodeURIComponent('ЛЬВІВ')}`), [massage])
  assert.deepEqual(await ids('city=pecs&search=web&max_price=60'), [design])
  assert.deepEqual(await ids(`provider=${anna.id}`), [massage])
  assert.deepEqual(await ids('rating=1'), [])
})

test('a filter of the wrong form is told, never passed over', async () => {
  for (const query of ['min_price=cheap', 'ordering=colour', 'location_type=moon', 'organization=7', 'rating=6'])
    assert.equal((await house.call('GET', `/api/v1/services/?${query}`)).status, 400, query)
})

test('orderings sort, both ways, prices by what is shown in whatever currency', async () => {
  assert.deepEqual(await ids('ordering=price'), [creme, design, web, massage, yen])
  assert.deepEqual(await ids('ordering=-price'), [yen, massage, web, design, creme])
  assert.deepEqual(await ids('ordering=title'), [creme, yen, design, web, massage])
  assert.deepEqual(await ids('ordering=-title'), [massage, web, design, yen, creme])
  assert.deepEqual(await ids('ordering=created_at'), [massage, creme, web, design, yen])
  assert.deepEqual(await ids(''), [yen, design, web, creme, massage])
})

test('the rating of who gives a service orders and filters once it is heard', async () => {
  const { db } = house.ctx()
  await db
    .updateTable('provider_profiles')
    .set({ rating_sum: 47, review_count: 10 })
    .where('user_id', '=', anna.id)
    .execute()
  await house.house.jobs.publish(house.ctx(), 'account.changed', { user_id: anna.id })
  await house.drain()

  assert.equal((await ids('ordering=-rating'))[0], massage)
  assert.deepEqual(await ids('rating=4.7'), [massage])
  assert.deepEqual(await ids('rating=4.71'), [])
})

test('categories are counted, the fullest first, whatever the case in which they were written', async () => {
  const answer = await house.call('GET', '/api/v1/categories/')

  assert.deepEqual(answer.body['data'].results, [
    { name: 'Cooking', count: 2 },
    { name: 'IT', count: 2 },
    { name: 'Масаж', count: 1 },
  ])
})

test('pages follow each other without gap or overlap, and past the last one there is none', async () => {
  const page = (number: number) => house.call('GET', `/api/v1/services/?page_size=2&ordering=price&page=${number}`)

  const pages = [await page(1), await page(2), await page(3)]
  const past = await page(4)

  assert.deepEqual(
    pages.flatMap(({ body }) => body['data'].results.map(({ id }: Row) => id)),
    [creme, design, web, massage, yen],
  )
  assert.deepEqual(
    pages.map(({ body }) => [body['data'].count, body['data'].previous !== null, body['data'].next !== null]),
    [
      [5, false, true],
      [5, true, true],
      [5, true, false],
    ],
  )
  assert.equal(past.status, 404)
  assert.equal((await house.call('GET', '/api/v1/services/?search=zqxjkvbw&page=2')).status, 404)
  assert.equal((await house.call('GET', '/api/v1/services/?page=1000000&search=web')).status, 404)
})
