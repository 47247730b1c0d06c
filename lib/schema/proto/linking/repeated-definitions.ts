// One definition in two files of a load: a file that was copied into two directories, or reached in two versions. That
// is fine if both mean the same; if they do not, the error names both places.

import { isDescriptorEdition } from '../../descriptors/bundled-descriptor-proto.ts';
import { meaningOf } from '../../descriptors/same-definition.ts';
import type { Definition, SymbolLookup } from '../../descriptors/symbol-table.ts';
import {
  type LinkedFile,
  type LinkTable,
  type NamedSymbol,
  type Repetition,
  redefinition,
} from './link-table.ts';

/**
 * A file that defines everything that this one defines, and so can take its place, if there is one. Throws SchemaError
 * when something is defined in two ways. Both files are linked.
 */
export function twinOf(file: LinkedFile, table: LinkTable): LinkedFile | undefined {
  const repeated = table.repeatedBy(file);
  if (repeated.length === 0) return undefined;
  const owner = repeated[0].present.file;
  const isOwned = new Set<NamedSymbol>();
  for (const { present, symbol } of repeated) if (present.file === owner) isOwned.add(symbol);
  // Each compiler ships its own edition of descriptor.proto. They describe only options, so the first one serves for all
  // if it has their types.
  const isEdition = isDescriptorEdition(file.descriptor) && isDescriptorEdition(owner.descriptor);
  if (!isEdition) for (const one of repeated) checkRepetition(one, table);
  const isWhole = file.symbols.every(
    (symbol) => isOwned.has(symbol) || (isEdition && symbol.kind !== 'message' && symbol.kind !== 'enum'),
  );
  return isWhole && seesAsMuch(owner, file) ? owner : undefined;
}

/** Whoever imports `other` in place of `file` sees all that is seen through `file`. */
function seesAsMuch(other: LinkedFile, file: LinkedFile): boolean {
  return file.publicImports.every((one) => one === other || other.publicImports.includes(one));
}

function checkRepetition({ present, symbol }: Repetition, table: LinkTable): void {
  if (symbol.kind === 'value') {
    if (enumOf(present) !== enumOf(symbol)) throw redefinition(symbol, present);
    return;
  }
  const one = definitionOf(present);
  const other = definitionOf(symbol);
  if (one === undefined || other === undefined) return;
  const lookup: SymbolLookup = {
    get: (name) => {
      const found = table.get(name);
      return found === undefined ? undefined : definitionOf(found);
    },
  };
  if (meaningOf(one, lookup) !== meaningOf(other, lookup)) {
    throw redefinition(symbol, present, `different ${present.kind}`);
  }
}

/** What is compared; members are compared with what they belong to. */
function definitionOf(symbol: NamedSymbol): Definition | undefined {
  const { fullName } = symbol;
  const file = { proto: symbol.file.descriptor, origin: '' };
  switch (symbol.kind) {
    case 'message':
      return { kind: 'message', fullName, proto: symbol.element, file, parent: undefined };
    case 'enum':
      return { kind: 'enum', fullName, proto: symbol.element, file, parent: undefined };
    case 'extension':
      return { kind: 'extension', fullName, proto: symbol.element, file, parent: undefined };
    case 'service':
      return { kind: 'service', fullName, proto: symbol.element, file, parent: undefined };
    default:
      return undefined;
  }
}

const enumsOfValues: WeakMap<LinkedFile, ReadonlyMap<object, string>> = new WeakMap();

/** The enum that a value belongs to: its full name stands in the scope around it. */
function enumOf({ file, element }: NamedSymbol): string | undefined {
  let enums = enumsOfValues.get(file);
  if (enums === undefined) {
    const made = new Map<object, string>();
    for (const symbol of file.symbols) {
      if (symbol.kind !== 'enum') continue;
      for (const value of symbol.element.value ?? []) made.set(value, symbol.fullName);
    }
    enums = made;
    enumsOfValues.set(file, enums);
  }
  return enums.get(element);
}
