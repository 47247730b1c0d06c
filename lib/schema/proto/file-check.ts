import type { LinkedFile, SymbolTable } from './symbol-table.ts';
export function checkFile(_file: LinkedFile, _table: SymbolTable): void {}
