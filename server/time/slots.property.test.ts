/**
 * `SLOT_ROUNDS=50` runs that many random questions a zone instead of one, `SLOT_SEED` others.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { chanceOf, questionNear } from './brute/random.ts'
import { bruteOf } from './brute/slots.ts'
import { dayNumber } from './dates.ts'
import { decide, explainSlots, listSlots } from './slots.ts'
import { transitionsIn, zoneOf } from './zones.ts'

// oxlint-disable-next-line node/no-process-env -- how long to look is no setting of the product
const { SLOT_ROUNDS: rounds = '1', SLOT_SEED: seed = '1' } = process.env
const decade = [dayNumber(2020, 1, 1) * 1440, dayNumber(2031, 1, 1) * 1440] as const
const zones = Intl.supportedValuesOf('timeZone').map(zoneOf)

for (let round = 0; round < Number(rounds); round++) {
  test(`listed, accepted and explained are what brute force says, near a change of clocks of every zone (${round})`, () => {
    let found = 0
    const seen = new Set<string>()
    for (const [i, zone] of zones.entries()) {
      const chance = chanceOf(Number(seed) * 1_000_003 + round * 1009 + i)
      const changes = transitionsIn(zone, ...decade)
      const at = changes.length > 0 ? chance.pick(changes).at : chance.int(...decade)
      const query = questionNear(at, [zone, chance.pick(zones), zoneOf('UTC')], chance)
      const name = `${zone.id}, round ${round}, seed ${seed}`

      const brute = bruteOf(query)
      const listed = listSlots(query)
      const explained = explainSlots(query)

      assert.deepEqual(listed, brute.slots(), name)
      found += listed.length
      const byStart = new Map(listed.map((slot) => [slot.start, slot]))
      const grid: number[] = []
      for (let t = brute.from; t < brute.to; t++) if (query.providers.some((p) => brute.isGrid(p, t))) grid.push(t)
      assert.deepEqual(
        explained.map(({ start }) => start),
        grid,
        name,
      )
      for (const { start, decision } of explained)
        assert.deepEqual(decision.accepted ? decision.slot : undefined, byStart.get(start), name)

      const probes = Array.from({ length: 12 }, () => chance.int(brute.from - 60, brute.to + 60))
      for (let n = 0; n < 12 && explained.length > 0; n++) probes.push(chance.pick(explained).start)
      for (const start of probes) {
        const decision = decide(query, start)
        const verdicts = query.providers.toSorted((a, b) => (a.id < b.id ? -1 : 1)).map((p) => brute.verdict(p, start))
        assert.deepEqual(decision.accepted ? decision.slot : undefined, byStart.get(start), name)
        const alike = explained.find((other) => other.start === start)
        if (alike) assert.deepEqual(decision, alike.decision, name)
        if (decision.accepted) continue
        const rules = verdicts.map(({ rule }) => rule)
        const told = decision.refusals.map(({ rule }) => rule)
        assert.deepEqual(told, ['D5', 'D6'].includes(told[0]!) ? [rules[0]] : rules, name)
        seen.add(`${decision.refusal.rule} ${decision.refusal.code}`)
      }
    }
    assert.ok(found > 1000, `only ${found} slots were found`)
    assert.equal(seen.size, 13, `not all refusals were seen: ${[...seen].join(', ')}`)
  })
}
