import { globSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import * as ts from 'typescript/unstable/ast'
import { API, type Checker } from 'typescript/unstable/sync'

/** A sentence that the code says to people, where it stands; `text` is null where it is put together of what only a running program knows. */
export type Said = { text: string | null; code: string; at: string }

const root = fileURLToPath(new URL('..', import.meta.url))

/** What is said to nobody but developers and whoever runs the house, who are told in English. */
const forOthers = [
  'server/demo/**',
  'server/{console,main,boot}.ts',
  'server/**/commands.ts',
  'server/modules/backups/{restore,state,service/database,service/files}.ts',
  'server/modules/payments/ledger/reconcile.ts',
  'server/platform/files/settings.ts',
  'server/platform/db/generate.ts',
  'server/platform/http/xlsx.ts',
  'server/platform/mail/render.ts',
  'server/modules/caldav/multistatus.ts',
  'server/modules/reviews/service/recount.ts',
  'server/modules/administration/password-prompt.ts',
  'server/modules/payments/gateway/sandbox*.ts',
  'server/modules/payments/gateway/cards.ts',
  'server/platform/{backup,config,embedded}/**',
  'server/platform/config.ts',
  'server/platform/http/{openapi,openapi-texts,operation,outgoing-webhooks}.ts',
  'server/platform/socket/asyncapi.ts',
  'server/time/{mutation,recurrence/proof}/**',
  // Each has its languages side by side, and a type that misses none.
  'server/platform/mail/templates/**',
  'server/time/recurrence/words/**',
  'server/platform/i18n/messages.*.ts',
  'server/**/*.{test,fixture,suite,generated}.ts',
]
/** Calls whose words are not for people: logs, statements, what documents a shape, what goes to another program. */
const otherCalls =
  /(?:^|\.)(?:query|raw|header|setHeader|warn|info|error|debug|fatal|log|split|replace|replaceAll|update|includes|startsWith|endsWith|test|exec|edge)$|^(?:Type|console|sql|log)\b|^setting$/
/** Errors whose words stand in the log, and what else is made of words that nobody is told. */
const otherThings =
  /^(?:(?:Range|Type|Config|Embedded|File)?Error|\w+(?:Failed|Refused|Refusal|Unavailable)|Gauge|Counter|Histogram|Set|Map|RegExp|URL|Pool|Pg\w+)$/
const otherFields = new Set(['summary', 'help', 'example', 'examples', 'joins'])
/** What documents an operation or a shape is called as a column of a table is: only in a list of topics is it told. */
const documenting = /^(?:description|errors|doc)$/
/** SQL, and what else only a program reads. */
const statement =
  /\b(?:JOIN|SELECT|FROM|WHERE|EXISTS|UPDATE|INSERT|COPY|LISTEN|NULLS|SOCKET|CASE WHEN|NOT \w\.|HTTP\/1|Bearer|document\.|\w+\(\{)/
/** Kept beside what went wrong, for whoever runs the house. */
const keptForTheHouse = new Set(['Google has made no conference'])
const place = /\{\w+\}/g
/** Reads like a sentence: begins with a capital, or with a place that is filled, and goes on in words. */
const likeSentence = (text: string): boolean =>
  /^"?(?:\p{Lu}|\{\w+\}).*[\p{Ll}}]/su.test(text) &&
  / [\p{L}{]/u.test(text) &&
  /\p{L}/u.test(text.replaceAll(place, ''))

/** Everything in the server that is said to people, found in its source alone. */
export function sentencesOfTheServer(): Said[] {
  const others = new Set(forOthers.flatMap((pattern) => globSync(pattern, { cwd: root })))
  const names = globSync('server/**/*.ts', { cwd: root }).filter((name) => !others.has(name))
  const compiler = new API({ cwd: root })
  try {
    const snapshot = compiler.updateSnapshot({ openProject: path.join(root, 'tsconfig.json') })
    const { program, checker } = snapshot.getProjects()[0]!
    const files = names.map((name) => program.getSourceFile(path.join(root, name))!)
    return sentencesIn(files, checker)
  } finally {
    compiler.close()
  }
}

function sentencesIn(files: readonly ts.SourceFile[], checker: Checker): Said[] {
  const uses = new Map<string, ts.Identifier[]>()
  const pieces: ts.Expression[] = []
  const look = (node: ts.Node): void => {
    if (ts.isIdentifier(node)) uses.getOrInsertComputed(node.text, () => []).push(node)
    if (isText(node) && !isPart(node)) pieces.push(node)
    node.forEachChild(look)
  }
  for (const file of files) file.forEachChild(look)

  const found: Said[] = []
  const underWay = new Set<ts.Node>()
  for (const piece of pieces) {
    const code = piece.getText()
    if (!isSentence(piece) || statement.test(code) || !isTold(piece, new Set())) continue
    const file = piece.getSourceFile()
    const at = `${path.relative(root, file.fileName)}:${file.text.slice(0, piece.getStart()).split('\n').length}`
    for (const text of whole(piece) ?? [null]) found.push({ text, code, at })
  }
  return found

  /** The whole of a text that is put together, in all the ways in which it can be; null where some of it is known to a running program alone. */
  function whole(node: ts.Expression): string[] | null {
    if (ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node)) return [node.text]
    if (ts.isParenthesizedExpression(node)) return whole(node.expression)
    if (ts.isConditionalExpression(node)) return either(whole(node.whenTrue), whole(node.whenFalse))
    if (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.PlusToken)
      return joined(whole(node.left), whole(node.right))
    if (ts.isTemplateExpression(node))
      return node.templateSpans.reduce<string[] | null>(
        (texts, { expression, literal }) => joined(joined(texts, whole(expression)), [literal.text]),
        [node.head.text],
      )
    const literals = literalsOf(node)
    if (literals || underWay.has(node)) return literals
    underWay.add(node)
    const texts = ts.isPropertyAccessExpression(node)
      ? named(node.name.text)
      : ts.isIdentifier(node)
        ? given(node)
        : null
    underWay.delete(node)
    return texts
  }

  /** What the type of an expression says that it can be, where that is some texts or numbers. */
  function literalsOf(node: ts.Expression): string[] | null {
    const type = checker.getTypeAtLocation(node)
    if (!type) return null
    const kinds = type.isUnionType() ? type.getTypes() : [type]
    const texts = kinds.map((kind) =>
      kind.isStringLiteralType() || kind.isNumberLiteralType() ? String(kind.value) : null,
    )
    return texts.every((text) => text !== null) ? texts : null
  }

  /** What a field of this name holds wherever one is written down. */
  function named(field: string): string[] | null {
    const values = (uses.get(field) ?? [])
      .map(({ parent }) => parent)
      .filter((parent) => ts.isPropertyAssignment(parent))
    // A name that stands everywhere says nothing.
    if (values.length === 0 || values.length > 10) return null
    return values.map(({ initializer }) => whole(initializer)).reduce(either)
  }

  /** What a parameter of a function of ours is given wherever that is called. */
  function given(node: ts.Identifier): string[] | null {
    let owner: ts.Node | undefined = node.parent
    while (owner) {
      if (ts.isArrowFunction(owner) || ts.isFunctionDeclaration(owner)) {
        const nth = owner.parameters.findIndex(({ name }) => ts.isIdentifier(name) && name.text === node.text)
        const name = ts.isFunctionDeclaration(owner)
          ? owner.name
          : ts.isVariableDeclaration(owner.parent)
            ? owner.parent.name
            : undefined
        if (nth !== -1 && name && ts.isIdentifier(name)) {
          const calls = usesOf(name)
            .map((use) => (ts.isCallExpression(use.parent) && use.parent.expression === use ? use.parent : null))
            .filter((call) => call?.arguments[nth] !== undefined)
          return calls.length === 0 ? null : calls.map((call) => whole(call!.arguments[nth]!)).reduce(either)
        }
      }
      owner = owner.parent
    }
    return null
  }

  /** Wherever else this name stands that a module may see: in its file, and, if it is exported, in those that import it. */
  function usesOf(name: ts.Identifier): ts.Identifier[] {
    const file = name.getSourceFile()
    const isExported = new RegExp(`export [^\\n=]*\\b${name.text}\\b`).test(file.text)
    return (uses.get(name.text) ?? []).filter(
      (use) =>
        use !== name &&
        (use.getSourceFile() === file ||
          (isExported && new RegExp(`import [^;]*?\\b${name.text}\\b[^;]*? from`).test(use.getSourceFile().text))),
    )
  }

  /** Does what is written here come before people? Looks outwards to where the text goes; what it cannot follow it takes for told. */
  function isTold(start: ts.Node, seen: Set<ts.Node>): boolean {
    let node = start
    for (let up = node.parent; up; node = up, up = up.parent) {
      if (ts.isTaggedTemplateExpression(up) || ts.isTypeNode(up) || ts.isImportDeclaration(up)) return false
      if (ts.isExportDeclaration(up) || ts.isComputedPropertyName(up)) return false
      if (ts.isCaseClause(up) && up.expression === node) return false
      if (ts.isElementAccessExpression(up) && up.argumentExpression === node) return false
      if (ts.isBinaryExpression(up) && /^[!=]==$/.test(up.operatorToken.getText())) return false
      if (ts.isNewExpression(up) && up.expression !== node && otherThings.test(up.expression.getText())) return false
      if (ts.isCallExpression(up) && up.expression === node && ts.isPropertyAccessExpression(node)) {
        if (otherCalls.test(node.getText())) return false
      } else if (ts.isCallExpression(up)) {
        const callee = up.expression.getText()
        if (callee === 'super' || otherCalls.test(callee)) return false
      }
      if (ts.isPropertyAssignment(up)) {
        const name = up.name.getText()
        if (up.name === node || otherFields.has(name)) return false
        if (documenting.test(name) && !/topics/.test(up.getSourceFile().fileName)) return false
      }
      if (ts.isVariableDeclaration(up)) {
        // What SPEC calls the roles and permissions is the same in every language.
        if (/^(?:example.*|.*Display)$/i.test(up.name.getText()) || /Command\b/.test(up.type?.getText() ?? ''))
          return false
        // A text under a name of its own is told where that name is used.
        if (ts.isIdentifier(up.name) && !crossesFunction(start, up) && !seen.has(up)) {
          seen.add(up)
          const others = usesOf(up.name).filter(({ parent }) => !ts.isImportSpecifier(parent))
          return others.length === 0 || others.some((use) => isTold(use, seen))
        }
      }
    }
    return true
  }
}

const isText = (node: ts.Node): node is ts.Expression =>
  ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node) || ts.isTemplateExpression(node)

/** Is it a piece of a text that is put together? */
function isPart(node: ts.Node): boolean {
  for (let up = node.parent; up; up = up.parent) {
    if (ts.isTemplateSpan(up)) return true
    if (!ts.isConditionalExpression(up) && !ts.isParenthesizedExpression(up)) return false
  }
  return false
}

const isSentence = (node: ts.Expression): boolean =>
  ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node)
    ? (likeSentence(node.text) || isAddressed(node)) && !keptForTheHouse.has(node.text)
    : hasWords(node)

/** A single word, of which its place says that it is told. */
function isAddressed({ text, parent }: ts.StringLiteral | ts.NoSubstitutionTemplateLiteral): boolean {
  if (!/^\p{Lu}[\p{L}-]*\p{Ll}$/u.test(text) || text === 'Banister') return false
  const at = ts.isConditionalExpression(parent) ? parent.parent : parent
  if (ts.isCallExpression(at)) return /^(?:translate|say|told|field)$/.test(at.expression.getText())
  if (!ts.isPropertyAssignment(at)) return false
  const named = /topics/.test(at.getSourceFile().fileName)
    ? /^(?:name|description)$/
    : /^(?:title|body|button|label|message)$/
  return named.test(at.name.getText())
}

function crossesFunction(from: ts.Node, to: ts.Node): boolean {
  for (let up = from.parent; up && up !== to; up = up.parent)
    if (ts.isArrowFunction(up) || ts.isFunctionExpression(up)) return true
  return false
}

/** Has a text that is put together words of its own, as a sentence has, and not a mark or a unit alone? */
function hasWords(node: ts.Expression): boolean {
  if (!ts.isTemplateExpression(node)) return true
  const own = [node.head.text, ...node.templateSpans.map(({ literal }) => literal.text)].join('\0')
  return /^(?:\p{Lu}|\{|\0)/u.test(own) && /\p{L}{3,}/u.test(own) && own.includes(' ')
}

const either = (a: string[] | null, b: string[] | null): string[] | null => (a && b ? [...a, ...b] : null)
const joined = (a: string[] | null, b: string[] | null): string[] | null =>
  a && b ? a.flatMap((one) => b.map((other) => one + other)) : null
