// Metadata names that a protocol other than gRPC uses itself: a server would misread the request. (gRPC's own, and HTTP's,
// are no metadata in any protocol.)

import type { FieldList } from '../rpc/transport.ts';
import { setterHint } from '../values/option-setter.ts';
import type { Protocol } from './protocol.ts';

/** The options that set what these say. */
const OPTIONS: Readonly<Record<string, string | undefined>> = {
  'content-encoding': 'compression',
  'connect-content-encoding': 'compression',
  'accept-encoding': 'compressions',
  'connect-accept-encoding': 'compressions',
  'connect-timeout-ms': 'timeoutMs',
  'x-user-agent': 'userAgent',
};

/** TypeError where one of the fields has a name that the protocol uses itself. */
export function checkNames({ name: protocol, reserves }: Protocol, fields: FieldList | undefined): void {
  if (reserves === undefined || fields === undefined) return;
  for (let i = 0; i < fields.length; i += 2) {
    const name = fields[i];
    if (!reserves(name)) continue;
    throw new TypeError(
      `metadata name '${name}' is reserved for the protocol ${protocol}${setterHint(OPTIONS[name])}`,
    );
  }
}
