import type { MailLanguage } from './templates.ts'

/** The mails in Spanish. */
export const es: MailLanguage = {
  openInstead: 'Si el botón no funciona, abre esta dirección:',
  footer: 'Recibes este correo porque esta dirección se usa en Banister.',
  mails: {
    email_confirmation: {
      subject: 'Confirma tu correo electrónico',
      html: `<h1>Confirma tu correo electrónico</h1>
<p>Escribe este código para confirmar que la dirección es tuya:</p>
<%~ include('@code', it) %>
<p>O confírmala con un clic:</p>
<%~ include('@button', { link: it.link, label: 'Confirmar la dirección' }) %>
<p class="quiet">Válido durante <%= it.minutes %>. Si no lo has pedido, no hagas caso de este correo: no pasará nada.</p>`,
      text: `Escribe este código para confirmar que la dirección es tuya:

<%= it.code %>

O abre este enlace:
<%= it.link %>

Válido durante <%= it.minutes %>.
Si no lo has pedido, no hagas caso de este correo: no pasará nada.`,
    },
    password_reset: {
      subject: 'Tu código para una contraseña nueva',
      html: `<h1>Una contraseña nueva</h1>
<p>Escribe este código para elegir una contraseña nueva:</p>
<%~ include('@code', it) %>
<p class="quiet">Válido durante <%= it.minutes %>. No se lo digas a nadie: nuestro personal nunca lo pide. Si no lo has pedido, no hagas caso de este correo: tu contraseña seguirá siendo la misma.</p>`,
      text: `Escribe este código para elegir una contraseña nueva:

<%= it.code %>

Válido durante <%= it.minutes %>.
No se lo digas a nadie: nuestro personal nunca lo pide.
Si no lo has pedido, no hagas caso de este correo:
tu contraseña seguirá siendo la misma.`,
    },
    email_change: {
      subject: 'Confirma tu nuevo correo electrónico',
      html: `<h1>Confirma tu nuevo correo electrónico</h1>
<p>Escribe este código para usar esta dirección en tu cuenta:</p>
<%~ include('@code', it) %>
<p>O confírmala con un clic:</p>
<%~ include('@button', { link: it.link, label: 'Usar esta dirección' }) %>
<p class="quiet">Válido durante <%= it.minutes %>. Si no lo has pedido, no hagas caso de este correo: no pasará nada.</p>`,
      text: `Escribe este código para usar esta dirección en tu cuenta:

<%= it.code %>

O abre este enlace:
<%= it.link %>

Válido durante <%= it.minutes %>.
Si no lo has pedido, no hagas caso de este correo: no pasará nada.`,
    },
    email_change_notice: {
      subject: 'El correo de tu cuenta está a punto de cambiar',
      html: `<h1>Tu correo está a punto de cambiar</h1>
<p>Alguien que ha iniciado sesión en tu cuenta quiere que use la dirección <strong><%= it.newEmail %></strong>. Ocurrirá en cuanto esa dirección se confirme.</p>
<p>Si has sido tú, no tienes que hacer nada. Si no, detén el cambio y elige después una contraseña nueva:</p>
<%~ include('@button', { link: it.undoLink, label: 'Detener el cambio' }) %>
<p class="quiet">El enlace funciona durante <%= it.hours %>.</p>`,
      text: `Alguien que ha iniciado sesión en tu cuenta
quiere que use la dirección
<%= it.newEmail %>
Ocurrirá en cuanto esa dirección se confirme.

Si has sido tú, no tienes que hacer nada.
Si no, detén el cambio y elige después una contraseña nueva:
<%= it.undoLink %>

El enlace funciona durante <%= it.hours %>.`,
    },
    email_changed_notice: {
      subject: 'El correo de tu cuenta ha cambiado',
      html: `<h1>Tu correo ha cambiado</h1>
<p>Tu cuenta usa ahora la dirección <strong><%= it.newEmail %></strong>.</p>
<p>Si has sido tú, no tienes que hacer nada. Si no, recupera la anterior y elige después una contraseña nueva:</p>
<%~ include('@button', { link: it.undoLink, label: 'Deshacer el cambio' }) %>
<p class="quiet">El enlace funciona durante <%= it.hours %>.</p>`,
      text: `Tu cuenta usa ahora la dirección
<%= it.newEmail %>

Si has sido tú, no tienes que hacer nada.
Si no, recupera la anterior y elige después una contraseña nueva:
<%= it.undoLink %>

El enlace funciona durante <%= it.hours %>.`,
    },
    password_changed: {
      subject: 'Tu contraseña ha cambiado',
      html: `<h1>Tu contraseña ha cambiado</h1>
<p>La contraseña de tu cuenta se cambió el <%= it.at %>. Se ha cerrado la sesión en todos los demás dispositivos.</p>
<p>Si no has sido tú, elige cuanto antes una contraseña nueva:</p>
<%~ include('@button', { link: it.resetLink, label: 'Restablecer la contraseña' }) %>`,
      text: `La contraseña de tu cuenta se cambió el
<%= it.at %>.
Se ha cerrado la sesión en todos los demás dispositivos.

Si no has sido tú, elige cuanto antes una contraseña nueva:
<%= it.resetLink %>`,
    },
    two_factor_on: {
      subject: 'Se activó la verificación en dos pasos',
      html: `<h1>La verificación en dos pasos está activada</h1>
<p>La verificación en dos pasos de tu cuenta se activó el <%= it.at %>. Desde ahora, al iniciar sesión también se pide un código de tu aplicación de autenticación. Se cerró la sesión en todos los demás dispositivos.</p>
<p>Guarda tus códigos de recuperación en un lugar seguro: cada uno permite entrar una vez sin la aplicación.</p>
<p>Si no has sido tú, elige cuanto antes una contraseña nueva:</p>
<%~ include('@button', { link: it.resetLink, label: 'Restablecer la contraseña' }) %>`,
      text: `La verificación en dos pasos de tu cuenta se activó el
<%= it.at %>.
Desde ahora, al iniciar sesión también se pide un código de tu
aplicación de autenticación.
Se cerró la sesión en todos los demás dispositivos.

Guarda tus códigos de recuperación en un lugar seguro: cada uno
permite entrar una vez sin la aplicación.

Si no has sido tú, elige cuanto antes una contraseña nueva:
<%= it.resetLink %>`,
    },
    two_factor_off: {
      subject: 'Se desactivó la verificación en dos pasos',
      html: `<h1>La verificación en dos pasos está desactivada</h1>
<p>La verificación en dos pasos de tu cuenta se desactivó el <%= it.at %>. Desde ahora basta la contraseña para iniciar sesión.</p>
<p>Si no has sido tú, elige cuanto antes una contraseña nueva:</p>
<%~ include('@button', { link: it.resetLink, label: 'Restablecer la contraseña' }) %>`,
      text: `La verificación en dos pasos de tu cuenta se desactivó el
<%= it.at %>.
Desde ahora basta la contraseña para iniciar sesión.

Si no has sido tú, elige cuanto antes una contraseña nueva:
<%= it.resetLink %>`,
    },
    two_factor_reset: {
      subject: 'Se restableció la verificación en dos pasos',
      html: `<h1>Se restableció la verificación en dos pasos</h1>
<p>Un administrador desactivó la verificación en dos pasos de tu cuenta el <%= it.at %>. Se cerró la sesión en todos los dispositivos. Inicia sesión con tu contraseña y configúrala de nuevo.</p>
<p>Si no has sido tú, elige cuanto antes una contraseña nueva:</p>
<%~ include('@button', { link: it.resetLink, label: 'Restablecer la contraseña' }) %>`,
      text: `Un administrador desactivó la verificación en dos pasos de tu cuenta
el
<%= it.at %>.
Se cerró la sesión en todos los dispositivos.
Inicia sesión con tu contraseña y configúrala de nuevo.

Si no has sido tú, elige cuanto antes una contraseña nueva:
<%= it.resetLink %>`,
    },
    two_factor_guessed: {
      subject: 'Alguien conoce tu contraseña',
      html: `<h1>Códigos incorrectos tras la contraseña correcta</h1>
<p>El <%= it.at %> alguien introdujo la contraseña correcta de tu cuenta y después cinco códigos incorrectos. No pudo entrar.</p>
<p>Si no has sido tú, elige cuanto antes una contraseña nueva:</p>
<%~ include('@button', { link: it.resetLink, label: 'Restablecer la contraseña' }) %>`,
      text: `El <%= it.at %>
alguien introdujo la contraseña correcta de tu cuenta
y después cinco códigos incorrectos.
No pudo entrar.

Si no has sido tú, elige cuanto antes una contraseña nueva:
<%= it.resetLink %>`,
    },
    recovery_code_used: {
      subject: 'Se usó un código de recuperación',
      html: `<h1>Se usó un código de recuperación</h1>
<p>El <%= it.at %> se usó un código de recuperación de tu cuenta. Códigos restantes: <%= it.left %>.</p>
<p>Si no has sido tú, elige cuanto antes una contraseña nueva:</p>
<%~ include('@button', { link: it.resetLink, label: 'Restablecer la contraseña' }) %>`,
      text: `El <%= it.at %>
se usó un código de recuperación de tu cuenta.
Códigos restantes: <%= it.left %>.

Si no has sido tú, elige cuanto antes una contraseña nueva:
<%= it.resetLink %>`,
    },
    recovery_codes_new: {
      subject: 'Se crearon nuevos códigos de recuperación',
      html: `<h1>Tienes nuevos códigos de recuperación</h1>
<p>El <%= it.at %> se crearon nuevos códigos de recuperación para tu cuenta. Los anteriores ya no sirven.</p>
<p>Si no has sido tú, elige cuanto antes una contraseña nueva:</p>
<%~ include('@button', { link: it.resetLink, label: 'Restablecer la contraseña' }) %>`,
      text: `El <%= it.at %>
se crearon nuevos códigos de recuperación para tu cuenta.
Los anteriores ya no sirven.

Si no has sido tú, elige cuanto antes una contraseña nueva:
<%= it.resetLink %>`,
    },
    app_password_made: {
      subject: 'Se creó una contraseña de aplicación',
      html: `<h1>Hay una nueva contraseña de aplicación</h1>
<p>El <%= it.at %> se creó una contraseña de aplicación para tu cuenta: <strong><%= it.name %></strong>. Quien la tenga puede ver y cambiar tus calendarios.</p>
<p>Si no has sido tú, elige cuanto antes una contraseña nueva; con la antigua termina también esta:</p>
<%~ include('@button', { link: it.resetLink, label: 'Restablecer la contraseña' }) %>`,
      text: `Se creó una contraseña de aplicación para tu cuenta el
<%= it.at %>:
<%= it.name %>
Quien la tenga puede ver y cambiar tus calendarios.

Si no has sido tú, elige cuanto antes una contraseña nueva; con la
antigua termina también esta:
<%= it.resetLink %>`,
    },
    organization_invitation: {
      subject: '<%= it.inviter %> te invita a <%= it.organization %>',
      html: `<h1>Tienes una invitación</h1>
<p><strong><%= it.inviter %></strong> te invita a colaborar en <strong><%= it.organization %></strong> en Banister.</p>
<%~ include('@button', { link: it.link, label: 'Aceptar la invitación' }) %>
<p class="quiet">La invitación sigue abierta durante <%= it.days %>. Si no sabes quién es, no hagas caso de este correo.</p>`,
      text: `<%= it.inviter %>
te invita a colaborar en Banister en
<%= it.organization %>

Aceptar la invitación:
<%= it.link %>

La invitación sigue abierta durante <%= it.days %>.
Si no sabes quién es, no hagas caso de este correo.`,
    },
    export_ready: {
      subject: 'Tus datos están listos para descargar',
      html: `<h1>Tus datos están listos</h1>
<p>El archivo con todos tus datos de Banister está listo.</p>
<%~ include('@button', { link: it.link, label: 'Descargar' }) %>
<p class="quiet">Quien tenga este enlace puede descargar tus datos: no lo reenvíes a nadie. Funciona durante <%= it.days %>, y puedes eliminar el archivo antes en tu perfil.</p>`,
      text: `El archivo con todos tus datos de Banister está listo:
<%= it.link %>

Quien tenga este enlace puede descargar tus datos:
no lo reenvíes a nadie.
Funciona durante <%= it.days %>,
y puedes eliminar el archivo antes en tu perfil.`,
    },
    account_deleted: {
      subject: 'Tu cuenta se ha eliminado',
      html: `<h1>Tu cuenta se ha eliminado</h1>
<p>Tu cuenta de Banister y tus datos personales se han eliminado, y tus reservas futuras se han cancelado. Los reembolsos siguen las condiciones de cada reserva.</p>
<p>Lo que la ley nos obliga a conservar, como las facturas, lo conservamos sin tu nombre. No recibirás más correos nuestros.</p>`,
      text: `Tu cuenta de Banister y tus datos personales se han eliminado,
y tus reservas futuras se han cancelado.
Los reembolsos siguen las condiciones de cada reserva.

Lo que la ley nos obliga a conservar, como las facturas,
lo conservamos sin tu nombre.
No recibirás más correos nuestros.`,
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
