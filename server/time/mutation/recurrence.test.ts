import { recurrenceMutants } from './recurrence.ts'
import { catchMutants } from './run.ts'

catchMutants(
  'recurrence',
  [
    'recurrence/parse.test.ts',
    'recurrence/expand.test.ts',
    'recurrence/vectors.test.ts',
    'recurrence/hostile.test.ts',
    'recurrence/split.test.ts',
  ],
  recurrenceMutants,
)
