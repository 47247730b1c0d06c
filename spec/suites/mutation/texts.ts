// What is not mutated, as a plugin of Stryker: texts for people, which are strings with white space and templates (a
// text that is asserted word by word is a copy of itself; what errors must name is asserted where they are explained),
// and the notes of who waits for what, which only `npm test` as a whole looks at.

/** The part of babel's NodePath that is looked at. */
interface NodePath {
  isStringLiteral(): boolean;
  isTemplateLiteral(): boolean;
  isOptionalCallExpression(): boolean;
  readonly node: {
    readonly value?: unknown;
    readonly callee?: { readonly object?: { readonly name?: unknown } };
  };
}

function shouldIgnore(path: NodePath): string | undefined {
  if (path.isTemplateLiteral()) return 'a text for people';
  if (path.isStringLiteral() && /\s/.test(String(path.node.value))) return 'a text for people';
  if (path.isOptionalCallExpression() && path.node.callee?.object?.name === 'waits')
    return 'a note of a wait';
  return undefined;
}

export const strykerPlugins: readonly unknown[] = [
  { kind: 'Ignore', name: 'texts', value: { shouldIgnore } },
];
