// The header fields of a request over HTTP/1.1, of what the waist has: whose host, the call's own, and how long its body is.

import type { FieldList, RequestHead } from '../../rpc/transport.ts';

const COLON = 0x3a;

/**
 * Name, value, name, value, …
 * @param bodyOctets undefined where the body is not whole yet
 */
export function requestFields(
  head: RequestHead,
  callFields: FieldList,
  bodyOctets: number | undefined,
): string[] {
  const fields = ['host', head.authority];
  appendOwn(fields, head.fields);
  appendOwn(fields, callFields);
  // A server need not wait for the end of a body whose length it is told.
  if (bodyOctets === undefined) fields.push('transfer-encoding', 'chunked');
  else if (head.method !== 'GET' || bodyOctets > 0) fields.push('content-length', String(bodyOctets));
  return fields;
}

/** Without what is about HTTP/2, or about the connection. */
function appendOwn(fields: string[], more: FieldList): void {
  for (let i = 0; i < more.length; i += 2) {
    const name = more[i];
    if (name !== 'te' && name.charCodeAt(0) !== COLON) fields.push(name, more[i + 1]);
  }
}
