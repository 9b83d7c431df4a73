import type { MailLanguage } from './templates.ts'

/** The mails in English. */
export const en: MailLanguage = {
  openInstead: 'If the button does not work, open this address:',
  footer: 'You get this mail because this address is used at Banister.',
  mails: {
    email_confirmation: {
      subject: 'Confirm your e-mail',
      html: `<h1>Confirm your e-mail</h1>
<p>Enter this code to confirm that this address is yours:</p>
<%~ include('@code', it) %>
<p>Or confirm with one click:</p>
<%~ include('@button', { link: it.link, label: 'Confirm e-mail' }) %>
<p class="quiet">Valid for <%= it.minutes %>. If you did not ask for this, ignore this mail: nothing will happen.</p>`,
      text: `Enter this code to confirm that this address is yours:

<%= it.code %>

Or open this link:
<%= it.link %>

Valid for <%= it.minutes %>.
If you did not ask for this, ignore this mail: nothing will happen.`,
    },
    password_reset: {
      subject: 'Your code for a new password',
      html: `<h1>A new password</h1>
<p>Enter this code to choose a new password:</p>
<%~ include('@code', it) %>
<p class="quiet">Valid for <%= it.minutes %>. Tell it to nobody: our staff never ask for it. If you did not ask for this, ignore this mail: your password stays as it is.</p>`,
      text: `Enter this code to choose a new password:

<%= it.code %>

Valid for <%= it.minutes %>.
Tell it to nobody: our staff never ask for it.
If you did not ask for this, ignore this mail:
your password stays as it is.`,
    },
    email_change: {
      subject: 'Confirm your new e-mail',
      html: `<h1>Confirm your new e-mail</h1>
<p>Enter this code to use this address for your account:</p>
<%~ include('@code', it) %>
<p>Or confirm with one click:</p>
<%~ include('@button', { link: it.link, label: 'Use this address' }) %>
<p class="quiet">Valid for <%= it.minutes %>. If you did not ask for this, ignore this mail: nothing will happen.</p>`,
      text: `Enter this code to use this address for your account:

<%= it.code %>

Or open this link:
<%= it.link %>

Valid for <%= it.minutes %>.
If you did not ask for this, ignore this mail: nothing will happen.`,
    },
    email_change_notice: {
      subject: 'Your account is about to change its e-mail',
      html: `<h1>Your e-mail is about to change</h1>
<p>Somebody who is signed in to your account wants it to use the address <strong><%= it.newEmail %></strong>. This happens once that address is confirmed.</p>
<p>If it was you, there is nothing to do. If it was not, stop it and then choose a new password:</p>
<%~ include('@button', { link: it.undoLink, label: 'Stop the change' }) %>
<p class="quiet">The link works for <%= it.hours %>.</p>`,
      text: `Somebody who is signed in to your account
wants it to use the address
<%= it.newEmail %>
This happens once that address is confirmed.

If it was you, there is nothing to do.
If it was not, stop it and then choose a new password:
<%= it.undoLink %>

The link works for <%= it.hours %>.`,
    },
    email_changed_notice: {
      subject: 'The e-mail of your account was changed',
      html: `<h1>Your e-mail was changed</h1>
<p>Your account now uses the address <strong><%= it.newEmail %></strong>.</p>
<p>If it was you, there is nothing to do. If it was not, take it back and then choose a new password:</p>
<%~ include('@button', { link: it.undoLink, label: 'Undo the change' }) %>
<p class="quiet">The link works for <%= it.hours %>.</p>`,
      text: `Your account now uses the address
<%= it.newEmail %>

If it was you, there is nothing to do.
If it was not, take it back and then choose a new password:
<%= it.undoLink %>

The link works for <%= it.hours %>.`,
    },
    password_changed: {
      subject: 'Your password was changed',
      html: `<h1>Your password was changed</h1>
<p>The password of your account was changed on <%= it.at %>. You were signed out on all other devices.</p>
<p>If it was not you, choose a new password at once:</p>
<%~ include('@button', { link: it.resetLink, label: 'Reset the password' }) %>`,
      text: `The password of your account was changed on
<%= it.at %>.
You were signed out on all other devices.

If it was not you, choose a new password at once:
<%= it.resetLink %>`,
    },
    two_factor_on: {
      subject: 'Two-step sign-in was turned on',
      html: `<h1>Two-step sign-in is on</h1>
<p>Two-step sign-in was turned on for your account on <%= it.at %>. From now on signing in also asks for a code of your authenticator. You were signed out on all other devices.</p>
<p>Keep your recovery codes in a safe place: each lets you in once without the authenticator.</p>
<p>If it was not you, choose a new password at once:</p>
<%~ include('@button', { link: it.resetLink, label: 'Reset the password' }) %>`,
      text: `Two-step sign-in was turned on for your account on
<%= it.at %>.
From now on signing in also asks for a code of your authenticator.
You were signed out on all other devices.

Keep your recovery codes in a safe place: each lets you in once
without the authenticator.

If it was not you, choose a new password at once:
<%= it.resetLink %>`,
    },
    two_factor_off: {
      subject: 'Two-step sign-in was turned off',
      html: `<h1>Two-step sign-in is off</h1>
<p>Two-step sign-in was turned off for your account on <%= it.at %>. From now on the password alone is enough to sign in.</p>
<p>If it was not you, choose a new password at once:</p>
<%~ include('@button', { link: it.resetLink, label: 'Reset the password' }) %>`,
      text: `Two-step sign-in was turned off for your account on
<%= it.at %>.
From now on the password alone is enough to sign in.

If it was not you, choose a new password at once:
<%= it.resetLink %>`,
    },
    two_factor_reset: {
      subject: 'Two-step sign-in was reset',
      html: `<h1>Two-step sign-in was reset</h1>
<p>An administrator turned two-step sign-in off for your account on <%= it.at %>. You were signed out on all devices. Sign in with your password and set it up again.</p>
<p>If it was not you, choose a new password at once:</p>
<%~ include('@button', { link: it.resetLink, label: 'Reset the password' }) %>`,
      text: `An administrator turned two-step sign-in off for your account on
<%= it.at %>.
You were signed out on all devices.
Sign in with your password and set it up again.

If it was not you, choose a new password at once:
<%= it.resetLink %>`,
    },
    two_factor_guessed: {
      subject: 'Somebody knows your password',
      html: `<h1>Wrong codes after your right password</h1>
<p>On <%= it.at %> somebody gave the right password of your account and then five wrong codes. They did not get in.</p>
<p>If it was not you, choose a new password at once:</p>
<%~ include('@button', { link: it.resetLink, label: 'Reset the password' }) %>`,
      text: `On <%= it.at %>
somebody gave the right password of your account and then five wrong codes.
They did not get in.

If it was not you, choose a new password at once:
<%= it.resetLink %>`,
    },
    recovery_code_used: {
      subject: 'A recovery code was used',
      html: `<h1>A recovery code was used</h1>
<p>A recovery code of your account was used on <%= it.at %>. Codes left: <%= it.left %>.</p>
<p>If it was not you, choose a new password at once:</p>
<%~ include('@button', { link: it.resetLink, label: 'Reset the password' }) %>`,
      text: `A recovery code of your account was used on
<%= it.at %>.
Codes left: <%= it.left %>.

If it was not you, choose a new password at once:
<%= it.resetLink %>`,
    },
    recovery_codes_new: {
      subject: 'New recovery codes were made',
      html: `<h1>You have new recovery codes</h1>
<p>New recovery codes were made for your account on <%= it.at %>. The old ones no longer work.</p>
<p>If it was not you, choose a new password at once:</p>
<%~ include('@button', { link: it.resetLink, label: 'Reset the password' }) %>`,
      text: `New recovery codes were made for your account on
<%= it.at %>.
The old ones no longer work.

If it was not you, choose a new password at once:
<%= it.resetLink %>`,
    },
    app_password_made: {
      subject: 'An app password was made',
      html: `<h1>There is a new app password</h1>
<p>An app password was made for your account on <%= it.at %>: <strong><%= it.name %></strong>. Who has it reads and changes your calendars.</p>
<p>If it was not you, choose a new password at once; it ends with the old one:</p>
<%~ include('@button', { link: it.resetLink, label: 'Reset the password' }) %>`,
      text: `An app password was made for your account on
<%= it.at %>:
<%= it.name %>
Who has it reads and changes your calendars.

If it was not you, choose a new password at once; it ends with the
old one:
<%= it.resetLink %>`,
    },
    organization_invitation: {
      subject: '<%= it.inviter %> invites you to <%= it.organization %>',
      html: `<h1>You are invited</h1>
<p><strong><%= it.inviter %></strong> invites you to work together in <strong><%= it.organization %></strong> at Banister.</p>
<%~ include('@button', { link: it.link, label: 'Accept the invitation' }) %>
<p class="quiet">The invitation is open for <%= it.days %>. If you do not know who this is, ignore this mail.</p>`,
      text: `<%= it.inviter %>
invites you to work together at Banister in
<%= it.organization %>

Accept the invitation:
<%= it.link %>

The invitation is open for <%= it.days %>.
If you do not know who this is, ignore this mail.`,
    },
    export_ready: {
      subject: 'Your data is ready to download',
      html: `<h1>Your data is ready</h1>
<p>The file with all your data at Banister is ready.</p>
<%~ include('@button', { link: it.link, label: 'Download' }) %>
<p class="quiet">Whoever has this link can download your data: forward it to nobody. It works for <%= it.days %>, and you can remove the file sooner in your profile.</p>`,
      text: `The file with all your data at Banister is ready:
<%= it.link %>

Whoever has this link can download your data:
forward it to nobody.
It works for <%= it.days %>,
and you can remove the file sooner in your profile.`,
    },
    account_deleted: {
      subject: 'Your account was deleted',
      html: `<h1>Your account was deleted</h1>
<p>Your account at Banister and your personal data were deleted, and your future bookings were cancelled. Refunds follow the terms of each booking.</p>
<p>What the law makes us keep, such as invoices, we keep without your name. You will get no more mail from us.</p>`,
      text: `Your account at Banister and your personal data were deleted,
and your future bookings were cancelled.
Refunds follow the terms of each booking.

What the law makes us keep, such as invoices,
we keep without your name.
You will get no more mail from us.`,
    },
    notification: {
      subject: '<%= it.title %>',
      html: `<h1><%= it.title %></h1>
<%~ include('@paragraphs', it) %>
<% if (it.action) { %><%~ include('@button', { link: it.action.link, label: it.action.button }) %><% } %>
<%~ include('@unsubscribe', it) %>`,
      text: `<%= it.body %>

<% if (it.action) { %><%= it.action.button %>:
<%= it.action.link %><% } %>

<% if (it.unsubscribe) { %><%= it.unsubscribe.label %>:
<%= it.unsubscribe.link %><% } %>`,
    },
  },
}
