/** What a tree of departments must be, as pure functions on ids. */

/** A deeper tree is no organization but a mistake; bounded so that walking it is too. */
export const deepestLevel = 20
/** At most this many departments an organization: its tree is answered whole. */
export const mostDepartments = 1000

export type Placed = { id: string; parent_id: string | null }

/** By parent, what is right below it, in the given order; the top stands under null. */
export const childrenOf = <T extends Placed>(all: readonly T[]): Map<string | null, T[]> =>
  Map.groupBy(all, (department) => department.parent_id)

/** The department and everything below it. */
export function withBelow(all: readonly Placed[], id: string): Set<string> {
  const below = childrenOf(all)
  const found = new Set([id])
  // A set is walked in the order of insertion, also over what is added meanwhile.
  for (const each of found) for (const child of below.get(each) ?? []) found.add(child.id)
  return found
}

/** How many departments lead from the top to this one, itself counted; 0 for the top above all. */
export function levelOf(all: readonly Placed[], id: string | null): number {
  const parents = new Map(all.map((department) => [department.id, department.parent_id]))
  let level = 0
  for (let at = id; at !== null; at = parents.get(at) ?? null) level++
  return level
}

/** How many levels the department and what is below it make; 1 for one without children. */
function heightOf(all: readonly Placed[], id: string): number {
  const below = childrenOf(all)
  let height = 0
  for (let level: Placed[] = [{ id, parent_id: null }]; level.length > 0; height++)
    level = level.flatMap((department) => below.get(department.id) ?? [])
  return height
}

/** What is wrong with putting a department (null: a new one) below a parent: it would be below itself, or too deep. */
export function placeProblem(
  all: readonly Placed[],
  id: string | null,
  parentId: string | null,
): 'circle' | 'too_deep' | null {
  if (id !== null && parentId !== null && withBelow(all, id).has(parentId)) return 'circle'
  const height = id === null ? 1 : heightOf(all, id)
  return levelOf(all, parentId) + height > deepestLevel ? 'too_deep' : null
}

/** A name as siblings are compared by it: without case and without spaces around. */
export const nameKey = (name: string): string => name.normalize('NFC').trim().toLowerCase()

/** By which name those who watch something that is reached through an organization hear that who belongs to it, or where, has changed. */
export const organizationKey = (id: string): string => `organization:${id}`
