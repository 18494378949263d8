import { applyBinary, applyFunction, numberValue, type Value } from '@/features/dashboards/data/expressions/values';

/** A node of a math expression. */
export type Node =
  | { kind: 'number'; value: number }
  | { kind: 'variable'; name: string }
  | { kind: 'unary'; operator: '-' | '!'; operand: Node }
  | { kind: 'binary'; operator: string; left: Node; right: Node }
  | { kind: 'call'; name: string; args: Node[] };

const precedence: readonly (readonly string[])[] = [['||'], ['&&'], ['==', '!=', '>', '>=', '<', '<='], ['+', '-'], ['*', '/', '%'], ['**']];
const tokenPattern = /\s*(?:(\$\{[^}]*\}|\$\w+)|(0[xX][\da-fA-F]+|\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)|([A-Za-z_]\w*)|(\*\*|\|\||&&|==|!=|>=|<=|[-+*/%!<>(),]))/y;
const maxLength = 10_000;
const maxDepth = 200;

/** Parses a math expression of Grafana: $A + abs($B) * 2. Errors name the position. */
export function parseMath(text: string): Node {
  if (text.length > maxLength) throw new Error(`The expression is longer than ${maxLength} characters`);
  const tokens = tokenize(text);
  let at = 0;
  const peek = (): string | undefined => tokens[at]?.text;
  const fail = (): never => {
    const found = tokens[at];
    throw new Error(found === undefined ? 'The expression ends too early' : `Unexpected "${found.text}" at character ${found.from + 1} of the expression`);
  };
  const expect = (text: string): void => {
    if (peek() !== text) fail();
    at++;
  };
  const level = (rank: number, depth: number): Node => {
    if (depth > maxDepth) throw new Error('The expression is nested too deeply');
    const operators = precedence[rank];
    if (operators === undefined) return unary(depth + 1);
    let left = level(rank + 1, depth + 1);
    for (let operator = peek(); operator !== undefined && operators.includes(operator); operator = peek()) {
      at++;
      left = { kind: 'binary', operator, left, right: level(rank + 1, depth + 1) };
    }
    return left;
  };
  const unary = (depth: number): Node => {
    const operator = peek();
    if (operator !== '-' && operator !== '!') return primary(depth);
    if (depth > maxDepth) throw new Error('The expression is nested too deeply');
    at++;
    return { kind: 'unary', operator, operand: unary(depth + 1) };
  };
  const primary = (depth: number): Node => {
    const token = tokens[at] ?? fail();
    at++;
    if (token.kind === 'number') return { kind: 'number', value: Number(token.text) };
    if (token.kind === 'variable') return { kind: 'variable', name: token.text.replace(/^\$\{?|\}$/g, '') };
    if (token.kind === 'name') {
      expect('(');
      const args: Node[] = [];
      while (peek() !== ')') {
        args.push(level(0, depth + 1));
        if (peek() === ',') at++;
        else if (peek() !== ')') fail();
      }
      at++;
      return { kind: 'call', name: token.text, args };
    }
    if (token.text !== '(') {
      at--;
      fail();
    }
    const inner = level(0, depth + 1);
    expect(')');
    return inner;
  };
  const node = level(0, 0);
  if (at < tokens.length) fail();
  return node;
}

interface Token {
  kind: 'variable' | 'number' | 'name' | 'symbol';
  text: string;
  from: number;
}

function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  const pattern = new RegExp(tokenPattern);
  while (text.slice(pattern.lastIndex).trim() !== '') {
    const from = pattern.lastIndex;
    const match = pattern.exec(text);
    if (match === null) throw new Error(`Unexpected "${text.slice(from).trim()[0] ?? ''}" at character ${from + 1} of the expression`);
    const [, variable, number, name, symbol] = match;
    tokens.push({ kind: variable !== undefined ? 'variable' : number !== undefined ? 'number' : name !== undefined ? 'name' : 'symbol', text: variable ?? number ?? name ?? symbol ?? '', from: pattern.lastIndex - (variable ?? number ?? name ?? symbol ?? '').length });
  }
  return tokens;
}

/** The names of the queries that an expression reads. */
export function variablesOf(node: Node): string[] {
  switch (node.kind) {
    case 'number':
      return [];
    case 'variable':
      return [node.name];
    case 'unary':
      return variablesOf(node.operand);
    case 'binary':
      return [...variablesOf(node.left), ...variablesOf(node.right)];
    case 'call':
      return node.args.flatMap(variablesOf);
  }
}

const constants: Readonly<Record<string, number>> = { inf: Infinity, infn: -Infinity, nan: Number.NaN, null: Number.NaN };

/** Evaluates over the values of queries: series with series point by point, where their labels fit. */
export function evaluateMath(node: Node, lookup: (name: string) => Value[]): Value[] {
  switch (node.kind) {
    case 'number':
      return [numberValue(node.value)];
    case 'variable':
      return lookup(node.name);
    case 'unary':
      return evaluateMath(node.operand, lookup).map((value) => applyFunction(value, node.operator === '-' ? (x) => -x : (x) => (Number.isNaN(x) ? x : x === 0 ? 1 : 0)));
    case 'binary':
      return applyBinary(node.operator, evaluateMath(node.left, lookup), evaluateMath(node.right, lookup));
    case 'call':
      return call(node.name, node.args, lookup);
  }
}

const functions: Readonly<Record<string, (x: number) => number>> = {
  abs: Math.abs,
  log: Math.log,
  round: (x) => Math.sign(x) * Math.round(Math.abs(x)),
  ceil: Math.ceil,
  floor: Math.floor,
  is_inf: (x) => (Math.abs(x) === Infinity ? 1 : 0),
  is_nan: (x) => (Number.isNaN(x) ? 1 : 0),
  is_null: (x) => (Number.isNaN(x) ? 1 : 0),
  is_number: (x) => (Number.isFinite(x) ? 1 : 0),
};

function call(name: string, args: readonly Node[], lookup: (name: string) => Value[]): Value[] {
  const constant = constants[name];
  if (constant !== undefined && Object.hasOwn(constants, name) && args.length === 0) return [numberValue(constant)];
  const apply = Object.hasOwn(functions, name) ? functions[name] : undefined;
  const [arg] = args;
  if (apply === undefined) throw new Error(`The function ${name}() is not one of: ${[...Object.keys(functions), ...Object.keys(constants)].join(', ')}`);
  if (arg === undefined || args.length !== 1) throw new Error(`The function ${name}() takes one argument`);
  return evaluateMath(arg, lookup).map((value) => applyFunction(value, apply));
}
