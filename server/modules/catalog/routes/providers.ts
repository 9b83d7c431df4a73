import type { FastifyInstance } from 'fastify'
import { list, operation } from '../../../platform/http/operation.ts'
import { IdParams } from '../../../platform/http/shapes.ts'
import { exampleProvider } from '../schema/examples.ts'
import { Provider, ProviderQuery } from '../schema/providers.ts'
import { getProvider, listProviders } from '../service/providers.ts'

/** The same for the signed-in and for everybody: a provider's profile is public, and nothing private stands in it. */
export function providerRoutes(app: FastifyInstance): void {
  for (const [prefix, who, tag] of [
    ['', 'any', 'Providers'],
    ['/public', 'public', 'Public'],
  ] as const) {
    list(app, {
      path: `${prefix}/providers/`,
      who,
      tag,
      summary: 'Providers',
      description: 'Providers and the masters of salons, found by name, headline and city; without e-mail and phone.',
      query: ProviderQuery,
      data: Provider,
      exact: true,
      message: 'Providers retrieved successfully',
      errors: ['NOT_FOUND'],
      example: { data: exampleProvider },
      run: (ctx, { query }) => listProviders(ctx, query),
    })
    operation(app, {
      method: 'GET',
      path: `${prefix}/providers/{id}/`,
      who,
      tag,
      summary: 'One provider',
      params: IdParams,
      data: Provider,
      exact: true,
      message: 'Provider retrieved successfully',
      errors: ['NOT_FOUND'],
      example: { data: exampleProvider },
      run: (ctx, { params }) => getProvider(ctx, params.id),
    })
  }
}
