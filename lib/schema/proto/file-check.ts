// What protoc refuses once a file is linked. Each rule is where its element is; this walks the elements.

import { checkEnum } from './check-enum.ts';
import { checkExtension } from './check-field.ts';
import { checkMessage } from './check-message.ts';
import { syntaxOf } from './features.ts';
import type { LinkedFile, SymbolTable } from './symbol-table.ts';

export function checkFile(file: LinkedFile, table: SymbolTable): void {
  for (const symbol of file.symbols) {
    if (symbol.kind === 'message') checkMessage(symbol, table);
    else if (symbol.kind === 'enum') checkEnum(symbol);
    else if (symbol.kind === 'extension') checkExtension(symbol, table);
  }
  if (syntaxOf(file.descriptor) !== 'editions') checkNoFeatures(file);
}

function checkNoFeatures({ parsed }: LinkedFile): void {
  for (const statements of parsed.options.values()) {
    for (const { name, offset } of statements) {
      if (name[0].name === 'features' && !name[0].isExtension) {
        throw parsed.source.error(offset, 'features are for editions only');
      }
    }
  }
}
