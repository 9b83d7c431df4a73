export { balanceOf, balanceOfAccount } from './balance.ts'
export {
  postCharge,
  postDispute,
  postPayout,
  postPayoutReturn,
  postRefund,
  postRefundFailed,
  postWithdrawal,
  postWithdrawalReturned,
  releaseEarnings,
} from './post.ts'
export { feeToReturn, platformFee } from './rules.ts'
export { sellerKey, sellerOf, type Seller } from './sellers.ts'
export { checkLedger } from './check.ts'
export { currenciesOf, findSellerAccount, lockAccountById, lockSellerAccount } from './queries.ts'
export { ledgerCommands } from './commands.ts'
export { statementOf } from './statement.ts'
