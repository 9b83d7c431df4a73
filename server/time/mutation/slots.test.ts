import { catchMutants } from './run.ts'
import { slotMutants } from './slots.ts'

catchMutants(
  'slots, zones and intervals',
  ['intervals.test.ts', 'zones.test.ts', 'slots.test.ts', 'explain.test.ts'],
  slotMutants,
)
