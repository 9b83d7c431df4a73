import type { Card, Failure } from './gateway.ts'

/** The test cards of the sandbox, under the names that Stripe gives its own. */
export type TestCard = Card & { failure?: Failure; authentication?: true; processing?: true }

const declined = (declineCode: string, message: string, code = 'card_declined'): { failure: Failure } => ({
  failure: { code, declineCode, message },
})

const visa = { brand: 'visa', last4: '4242' }

export const testCards: Readonly<Record<string, TestCard>> = {
  pm_card_visa: visa,
  pm_card_visa_debit: { brand: 'visa', last4: '5556' },
  pm_card_mastercard: { brand: 'mastercard', last4: '4444' },
  pm_card_amex: { brand: 'amex', last4: '8431' },
  pm_card_discover: { brand: 'discover', last4: '1117' },
  pm_card_chargeDeclined: { ...visa, last4: '0002', ...declined('generic_decline', 'Your card was declined.') },
  pm_card_visa_chargeDeclined: { ...visa, last4: '0002', ...declined('generic_decline', 'Your card was declined.') },
  pm_card_chargeDeclinedInsufficientFunds: {
    ...visa,
    last4: '9995',
    ...declined('insufficient_funds', 'Your card has insufficient funds.'),
  },
  pm_card_visa_chargeDeclinedInsufficientFunds: {
    ...visa,
    last4: '9995',
    ...declined('insufficient_funds', 'Your card has insufficient funds.'),
  },
  pm_card_chargeDeclinedFraudulent: { ...visa, last4: '0019', ...declined('fraudulent', 'Your card was declined.') },
  pm_card_chargeDeclinedLostCard: { ...visa, last4: '9987', ...declined('lost_card', 'Your card was declined.') },
  pm_card_chargeDeclinedStolenCard: { ...visa, last4: '9979', ...declined('stolen_card', 'Your card was declined.') },
  pm_card_chargeDeclinedExpiredCard: {
    ...visa,
    last4: '0069',
    ...declined('expired_card', 'Your card has expired.', 'expired_card'),
  },
  pm_card_chargeDeclinedIncorrectCvc: {
    ...visa,
    last4: '0127',
    ...declined('incorrect_cvc', "Your card's security code is incorrect.", 'incorrect_cvc'),
  },
  pm_card_chargeDeclinedProcessingError: {
    ...visa,
    last4: '0119',
    ...declined('processing_error', 'An error occurred while processing your card.', 'processing_error'),
  },
  pm_card_authenticationRequired: { ...visa, last4: '3184', authentication: true },
  pm_card_authenticationRequiredOnSetup: { ...visa, last4: '3155', authentication: true },
  pm_card_threeDSecure2Required: { ...visa, last4: '3220', authentication: true },
}
