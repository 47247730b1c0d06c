// Writes dist/index.d.cts and those of the other doors: the declarations for who requires. They name those of the ES
// modules, so that a Client is the same type on both ways in: two declarations of a class with private members would
// not be.

import { writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import ts from 'typescript';

const ENTRIES = ['index', 'testing', 'testing-chai', 'testing-jest', 'testing-vitest'].map(
  (door) => `dist/${door}.d.ts`,
);

const program = ts.createProgram(ENTRIES, {
  module: ts.ModuleKind.NodeNext,
  target: ts.ScriptTarget.ES2022,
  // What is exported, and whether it is a value, depends on no library's types.
  types: [],
  noLib: true,
});
const checker = program.getTypeChecker();

const AS_MODULE = "with { 'resolution-mode': 'import' }";

function exportsOf(entry) {
  return checker.getExportsOfModule(checker.getSymbolAtLocation(program.getSourceFile(entry)));
}

/** What is exported as a value, with its own symbol. */
function valuesOf(entry) {
  return exportsOf(entry)
    .map((exported) => [
      exported.name,
      exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported,
    ])
    .filter(([, symbol]) => symbol.flags & ts.SymbolFlags.Value)
    .sort(([a], [b]) => (a < b ? -1 : 1));
}

/** Type parameters as they are declared, and as they are given on. Their defaults may name other exported types. */
function parametersOf(symbol, entry) {
  const parameters = symbol.declarations?.find(ts.isClassDeclaration)?.typeParameters ?? [];
  if (parameters.length === 0) return ['', ''];
  const own = parameters.map(({ name }) => name.text);
  const isOfEntry = (name) => exportsOf(entry).some((exported) => exported.name === name);
  const declared = parameters.map((parameter) =>
    parameter.getText().replace(/\b[A-Z]\w*/g, (name) => {
      if (own.includes(name)) return name;
      return isOfEntry(name) ? `door.${name}` : `library.${name}`;
    }),
  );
  return [`<${declared.join(', ')}>`, `<${own.join(', ')}>`];
}

function declarationOf([name, symbol], entry) {
  const value = `export declare const ${name}: typeof door.${name};\n`;
  if (!(symbol.flags & ts.SymbolFlags.Type)) return value;
  const [declared, given] = parametersOf(symbol, entry);
  return `${value}export type ${name}${declared} = door.${name}${given};\n`;
}

for (const entry of ENTRIES) {
  const door = `./${basename(entry, '.d.ts')}.js`;
  const declarations = valuesOf(entry).map((value) => declarationOf(value, entry));
  const needsLibrary = declarations.some((text) => text.includes('library.'));
  const lines = [
    `import type * as door from '${door}' ${AS_MODULE};\n`,
    ...(needsLibrary ? [`import type * as library from './index.js' ${AS_MODULE};\n`] : []),
    `export type * from '${door}' ${AS_MODULE};\n`,
    ...declarations,
  ];
  writeFileSync(entry.replace(/\.ts$/, '.cts'), lines.join(''));
}
