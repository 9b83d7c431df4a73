export { receiptRoutes } from './routes.ts'
export { issueReceipts } from './service.ts'
