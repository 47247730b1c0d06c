// The text of descriptor.proto, kept apart from the other bundled schemas because it is needed synchronously. Built like
// bundled-texts.ts.

import { readShipped } from './shipped-file.ts';

export function descriptorText(): string {
  return readShipped('google/protobuf/descriptor.proto') ?? '';
}
