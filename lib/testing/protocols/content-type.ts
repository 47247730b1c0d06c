// The content-type of a head in another one's place.

import type { FieldList } from '../../rpc/transport.ts';

export function withContentType(fields: FieldList, type: string): string[] {
  return fields.map((text, i) => (i % 2 === 1 && fields[i - 1] === 'content-type' ? type : text));
}
