import type { RedactionAction, RedactionRule, RedactionType } from '@/api/redaction';

/** The kinds of finds that need no expression. */
export const builtIn: { type: RedactionType; label: string; about: string }[] = [
  { type: 'token', label: 'Tokens and passwords', about: 'bearer and API tokens, JWTs, private keys, passwords in URLs, values of names such as password or api_key' },
  { type: 'email', label: 'E-mail addresses', about: 'name@example.com' },
  { type: 'card', label: 'Card numbers', about: '13 to 19 digits with a valid check digit' },
];

/** What the form holds. */
export interface Draft {
  types: RedactionType[];
  expressions: { name: string; expression: string }[];
  action: RedactionAction;
}

export const emptyDraft: Draft = { types: ['token', 'email', 'card'], expressions: [], action: 'mask' };

/** The form's rules in the order in which they run: tokens first, for a password in a URL looks like an address. */
export function rulesOf(draft: Draft): RedactionRule[] {
  const action = draft.action === 'hash' ? { action: draft.action } : {};
  return [
    ...builtIn.filter(({ type }) => draft.types.includes(type)).map(({ type }): RedactionRule => ({ type, ...action })),
    ...draft.expressions
      .filter(({ expression }) => expression !== '')
      .map(({ name, expression }): RedactionRule => ({ type: 'expression', name, expression, ...action })),
  ];
}

/** A text in single quotes, which YAML takes as it is. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** What to put into pharos.yml for these rules. */
export function rulesYaml(rules: RedactionRule[]): string {
  if (rules.length === 0) return 'redaction:\n  default:\n    rules: []\n';
  const key = rules.some(({ action }) => action === 'hash') ? '  key_file: redaction.key # head -c 32 /dev/urandom | base64 > redaction.key\n' : '';
  const items = rules.map((rule) => {
    const lines = [`type: ${rule.type}`];
    if (rule.name !== undefined) lines.push(`name: ${rule.name}`);
    if (rule.expression !== undefined) lines.push(`expression: ${quoted(rule.expression)}`);
    if (rule.action !== undefined) lines.push(`action: ${rule.action}`);
    return `      - ${lines.join('\n        ')}\n`;
  });
  return `redaction:\n${key}  default:\n    rules:\n${items.join('')}`;
}
