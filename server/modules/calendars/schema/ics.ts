import { Type } from 'typebox'
import { Nullable, Text } from '../../../platform/http/shapes.ts'

const Remark = Type.Object(
  {
    uid: Nullable(Type.String({ description: 'UID of the event, where it has one.' })),
    component: Type.String({ description: '`VEVENT`, `VTODO`, `VTIMEZONE` and so on.' }),
    reason: Type.String(),
  },
  { title: 'ImportRemark' },
)

export const Imported = Type.Object(
  {
    imported: Type.Integer({ description: 'Events that are new.' }),
    updated: Type.Integer({ description: 'Events that stood there and were changed.' }),
    unchanged: Type.Integer({ description: 'Events that stand as the file has them, or newer.' }),
    skipped: Type.Array(Remark, { description: 'What was not imported, at most 500.' }),
    notes: Type.Array(Remark, { description: 'What was imported otherwise than it is written, at most 500.' }),
    not_listed: Type.Integer({ description: 'How many remarks more there are.' }),
  },
  { title: 'Imported' },
)

export const exampleImported = {
  imported: 12,
  updated: 1,
  unchanged: 30,
  skipped: [{ uid: 'a-task@example.com', component: 'VTODO', reason: 'Only events are imported' }],
  notes: [
    { uid: null, component: 'VTIMEZONE', reason: 'The time zone Customized Time Zone was read as Europe/Berlin' },
  ],
  not_listed: 0,
}

export const ImportBody = Type.Object({ ics: Text(1_000_000, 1) })

export const Feed = Type.Object(
  { url: Type.String({ description: 'The secret address; it is shown this once.' }) },
  { title: 'CalendarFeed' },
)
export const exampleFeed = { url: 'http://localhost:8000/feeds/2kXo0m3J7cW1uQm5sT8vYb4Zr6aLpNfHdGxEwCyKqRM.ics' }
