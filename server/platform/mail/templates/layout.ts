/**
 * The one frame of all mails and the parts that they share, as sources for eta. Styles are inline, since many readers drop the rest;
 * nothing is loaded from outside. The colours hold 4.5:1 in light, and the few that a dark reader needs are changed in `<style>`.
 */
export const layout = `<!doctype html>
<html lang="<%= it.locale %>" dir="ltr">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<title><%= it.subject %></title>
<style>
@media (prefers-color-scheme: dark) {
  .page { background: #14181f !important; }
  .card { background: #1e242e !important; border-color: #3a4352 !important; }
  .card h1, .card p, .card div { color: #eef1f5 !important; }
  .card .quiet, .footer { color: #b4bcc8 !important; }
  .plain { color: #9dbdff !important; }
}
</style>
</head>
<body class="page" style="margin:0;padding:0;background:#f2f4f7;">
<table role="presentation" class="page" width="100%" cellpadding="0" cellspacing="0" border="0"
 style="background:#f2f4f7;">
<tr><td align="center" style="padding:24px 12px;">
<table role="presentation" class="card" width="100%" cellpadding="0" cellspacing="0" border="0"
 style="max-width:560px;background:#ffffff;border:1px solid #d5dae1;border-radius:8px;">
<tr><td style="padding:32px 28px;font-family:Arial,Helvetica,sans-serif;text-align:left;">
<%~ it.content %>

</td></tr>
</table>
<p class="footer" style="margin:16px 0 0;font:13px/20px Arial,Helvetica,sans-serif;color:#565f6e;">
<%= it.footer %></p>
</td></tr>
</table>
</body>
</html>
`

/** The code in one piece: selected with one click, read out digit by digit by nobody else. */
export const code = `<div style="margin:0 0 20px;padding:14px 0;font:bold 32px/40px 'Courier New',monospace;
letter-spacing:6px;color:#1b222d;"><%= it.code %></div>`

/** A link that looks like a button, and the address below for readers that show none. */
export const button = `<p style="margin:0 0 16px;"><a href="<%= it.link %>"
 style="display:inline-block;padding:12px 22px;border-radius:6px;background:#1b4fd0;color:#ffffff;
font:bold 16px/24px Arial,Helvetica,sans-serif;text-decoration:none;"><%= it.label %></a></p>
<p class="quiet"><%= it.openInstead %>
<br><a class="plain" href="<%= it.link %>" style="color:#1b4fd0;word-break:break-all;"><%= it.link %></a></p>`

/** The way out of mails of this kind, small below the rest. */
export const unsubscribe = `<% if (it.unsubscribe) { %><p class="quiet"><a class="plain" href="<%= it.unsubscribe.link %>"
 style="color:#1b4fd0;"><%= it.unsubscribe.label %></a></p>
<% } %>`

/** Plain text as paragraphs, its single line breaks kept. */
export const paragraphs = `<% for (const paragraph of it.body.split(/\\n{2,}/)) { %><p>
<% paragraph.split('\\n').forEach((line, at) => { %><% if (at > 0) { %><br>
<% } %><%= line %><% }) %>

</p>
<% } %>`

/** Puts the inline styles into a source. Before it is compiled: what people wrote is not in it yet. */
export function withStyles(source: string): string {
  return source
    .replaceAll('<h1>', '<h1 style="margin:0 0 16px;font-size:22px;line-height:30px;color:#1b222d;">')
    .replaceAll('<p>', '<p style="margin:0 0 16px;font-size:16px;line-height:24px;color:#1b222d;">')
    .replaceAll(
      '<p class="quiet">',
      '<p class="quiet" style="margin:0 0 16px;font-size:14px;line-height:21px;color:#565f6e;">',
    )
}
