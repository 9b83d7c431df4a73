export { balanceOf, balanceOfAccount, type Balance } from './balance.ts'
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
  type Charge,
  type Dispute,
  type Refund,
} from './post.ts'
export { feeToReturn, platformFee } from './rules.ts'
export { sellerKey, sellerOf, type Seller } from './sellers.ts'
export { currenciesOf, findSellerAccount, lockAccountById, lockSellerAccount, type AccountRow } from './queries.ts'
export { ledgerCommands } from './commands.ts'
export { statementOf } from './statement.ts'
