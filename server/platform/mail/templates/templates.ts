/**
 * What each mail is made of. Links are whole `http(s)` URLs; lengths of time are whole numbers of the named unit.
 * A mail with a code says nothing that a stranger chose (no name, no address), so that nobody sends their own words
 * through us by typing somebody else's address, and no other six digits can stand beside the code.
 */
export interface MailParams {
  email_confirmation: { code: string; link: string; minutes: number }
  password_reset: { code: string; minutes: number }
  /** To the new address. */
  email_change: { code: string; link: string; minutes: number }
  /** To the old address, when the change was asked for. */
  email_change_notice: { newEmail: string; undoLink: string; hours: number }
  /** To the old address, when it was done. */
  email_changed_notice: { newEmail: string; undoLink: string; hours: number }
  /** `at` in the person's own zone. */
  password_changed: { at: Temporal.ZonedDateTime; resetLink: string }
  two_factor_on: { at: Temporal.ZonedDateTime; resetLink: string }
  two_factor_off: { at: Temporal.ZonedDateTime; resetLink: string }
  /** A super admin, or the console, turned it off. */
  two_factor_reset: { at: Temporal.ZonedDateTime; resetLink: string }
  two_factor_guessed: { at: Temporal.ZonedDateTime; resetLink: string }
  recovery_code_used: { at: Temporal.ZonedDateTime; left: number; resetLink: string }
  recovery_codes_new: { at: Temporal.ZonedDateTime; resetLink: string }
  /** `name` is the person's own. */
  app_password_made: { at: Temporal.ZonedDateTime; name: string; resetLink: string }
  organization_invitation: { organization: string; inviter: string; link: string; days: number }
  /** Whoever has the link has the data. */
  export_ready: { link: string; days: number }
  account_deleted: Record<string, never>
  /** Said in the person's language by the caller; an empty line makes a paragraph. Link and button go together; `unsubscribe` ends such mails. */
  notification: {
    title: string
    body: string
    action?: { link: string; button: string }
    unsubscribe?: { link: string; label: string }
  }
}

export type TemplateName = keyof MailParams

/** One mail in one language, as sources for eta: `it` holds the params, made ready to be read. The text is written, not stripped. */
export interface MailText {
  subject: string
  html: string
  text: string
}

/** A language of the mails: one file in this folder. */
export interface MailLanguage {
  /** Stands before the address under a button. */
  openInstead: string
  /** Why one gets this. */
  footer: string
  mails: Record<TemplateName, MailText>
}
