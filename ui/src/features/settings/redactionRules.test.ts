import { describe, expect, it } from 'vitest';
import { emptyDraft, rulesOf, rulesYaml } from './redactionRules';

describe('rulesOf', () => {
  it('puts tokens first and leaves out empty expressions', () => {
    const rules = rulesOf({ types: ['card', 'email', 'token'], action: 'mask', expressions: [{ name: 'x', expression: '' }, { name: 'customer', expression: 'customer=(\\d+)' }] });
    expect(rules).toEqual([{ type: 'token' }, { type: 'email' }, { type: 'card' }, { type: 'expression', name: 'customer', expression: 'customer=(\\d+)' }]);
  });
});

describe('rulesYaml', () => {
  it('writes the rules as pharos.yml has them', () => {
    const rules = rulesOf({ ...emptyDraft, types: ['email'], expressions: [{ name: 'it', expression: "it's (\\d+): #" }], action: 'hash' });
    expect(rulesYaml(rules)).toBe(`redaction:
  key_file: redaction.key # head -c 32 /dev/urandom | base64 > redaction.key
  default:
    rules:
      - type: email
        action: hash
      - type: expression
        name: it
        expression: 'it''s (\\d+): #'
        action: hash
`);
  });
  it('needs no key for masks, and says nothing of no rules', () => {
    expect(rulesYaml([{ type: 'card' }])).toBe('redaction:\n  default:\n    rules:\n      - type: card\n');
    expect(rulesYaml([])).toContain('rules: []');
  });
});
