// Where a declaration is in its file: the field numbers of descriptor.proto and the indexes that lead to it
// (SourceCodeInfo.Location.path).

import { placeIn } from './place-in.ts';
import type { Definition } from './symbol-table.ts';

export type Path = readonly number[];

export const FILE = {
  package: 2,
  dependency: 3,
  message: 4,
  enum: 5,
  service: 6,
  extension: 7,
  options: 8,
  syntax: 12,
  optionDependency: 15,
} as const;
export const MESSAGE = {
  field: 2,
  nested: 3,
  enum: 4,
  extensionRange: 5,
  extension: 6,
  options: 7,
  oneof: 8,
  reservedRange: 9,
  reservedName: 10,
} as const;
export const ENUM = { value: 2, options: 3, reservedRange: 4, reservedName: 5 } as const;
export const SERVICE = { method: 2, options: 3 } as const;
export const METHOD = { options: 4 } as const;
export const ONEOF = { options: 2 } as const;

/** The path of a definition. */
export function pathOf(definition: Definition): Path {
  // From the inside out, in one list: a copy for each level would cost the cube of the depth for all of a file.
  const backwards: number[] = [];
  let at: Definition = definition;
  for (; at.parent !== undefined; at = at.parent) {
    const { nestedType, enumType, extension } = at.parent.proto;
    const siblings = { message: nestedType, enum: enumType, extension }[at.kind];
    const number = { message: MESSAGE.nested, enum: MESSAGE.enum, extension: MESSAGE.extension }[at.kind];
    backwards.push(placeIn(siblings, at.proto), number);
  }
  const { messageType, enumType, service, extension } = at.file.proto;
  const siblings = { message: messageType, enum: enumType, service, extension }[at.kind];
  backwards.push(placeIn(siblings, at.proto), FILE[at.kind]);
  return backwards.reverse();
}
