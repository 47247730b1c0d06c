// The text of descriptor.proto, which is needed without waiting: apart from those of the other bundled schemas. Built
// like bundled-texts.ts.

import { readShipped } from './shipped-file.ts';

export function descriptorText(): string {
  return readShipped('google/protobuf/descriptor.proto') ?? '';
}
