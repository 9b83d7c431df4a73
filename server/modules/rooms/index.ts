export { routes } from './routes.ts'
export { Room, exampleRoom, type RoomView } from './schema.ts'
export { getRoomsForBooking, roomNames, type RoomForBooking } from './service.ts'
