import { Type, type Static } from 'typebox'
import { Line, Nullable, Text, Uuid } from '../../../platform/http/shapes.ts'

const Percent = Nullable(
  Type.Number({ minimum: 0, maximum: 100, description: 'Prices include it; at most two decimals; null for none.' }),
)

export const ReceiptSettings = Type.Object(
  {
    legal_name: Type.String(),
    address: Type.String(),
    tax_number: Type.String(),
    tax_name: Type.String({ description: 'What the tax is called where you are: VAT.' }),
    tax_rate_percent: Percent,
  },
  { title: 'ReceiptSettings' },
)
export type SettingsView = Static<typeof ReceiptSettings>

export const SettingsInput = Type.Object({
  legal_name: Type.Optional(Line(200)),
  address: Type.Optional(Text(500)),
  tax_number: Type.Optional(Line(50)),
  tax_name: Type.Optional(Line(50)),
  tax_rate_percent: Type.Optional(Percent),
  organization_id: Type.Optional(Uuid),
})
export type SettingsInput = Static<typeof SettingsInput>

export const exampleSettings = {
  legal_name: 'Lavender Spa LLC',
  address: '1 Khreshchatyk St, Kyiv',
  tax_number: 'UA123456789',
  tax_name: 'VAT',
  tax_rate_percent: 20,
} satisfies SettingsView
