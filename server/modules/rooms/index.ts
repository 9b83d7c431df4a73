export { routes } from './routes.ts'
export { Room, exampleRoom, type RoomView } from './schema.ts'
export { isOpenThroughout, minutesOf, roomKey } from './rules.ts'
export {
  getRoom,
  getRoomsForBooking,
  getRoomsOfOrganization,
  refuseIfTaken,
  roomNames,
  type RoomForBooking,
} from './service.ts'
