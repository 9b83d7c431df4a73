/** Who may what with an event. */

/** Nothing; that the time is taken; all of it; change it. */
export type Standing = 'none' | 'busy' | 'read' | 'edit'

type Facts = { organizer_id: number; visibility: string }
/** `level` of access to its calendar: 1 free/busy, 2 read, 3 write, 4 its owner. */
type Viewer = { userId: number; level: number; isParticipant: boolean }

/** A private event is seen by its organizer, its participants, and whoever may write in its calendar; others see that the time is taken. */
export function standingOf(event: Facts, { userId, level, isParticipant }: Viewer): Standing {
  if (event.organizer_id === userId || level >= 3) return 'edit'
  if (isParticipant) return 'read'
  if (level === 2) return event.visibility === 'private' ? 'busy' : 'read'
  return level === 1 ? 'busy' : 'none'
}
