import type { FastifyInstance } from 'fastify'
import { nudge } from './jobs.ts'
import { chatRoutes } from './routes/chats.ts'
import { liveFrames } from './routes/frames.ts'
import { messageRoutes } from './routes/messages.ts'
import { moderationRoutes } from './routes/moderation.ts'

declare module '../../platform/jobs/jobs.ts' {
  interface JobData {
    'chat.nudge': { chat_id: number; side: 'a' | 'b'; seq: number }
  }
}

export { accountDeleted } from './service/erase.ts'
export { exportOf } from './service/export.ts'
export { leaveFor } from './service/leave.ts'
export { openChats } from './queries/chats.ts'
export { addLine, allow } from './service/open.ts'

export const jobs = { 'chat.nudge': { handle: nudge } }

export function routes(app: FastifyInstance): void {
  chatRoutes(app)
  messageRoutes(app)
  moderationRoutes(app)
  liveFrames(app)
}
