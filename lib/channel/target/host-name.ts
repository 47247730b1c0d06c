// Names of hosts in the letters of any language, as what goes over the network knows them: `:authority`, SNI,
// certificates and DNS are ASCII (RFC 5890, UTS 46). It must not know where a name comes from.

import { domainToASCII } from 'node:url';

/** RFC 1035 §2.3.4. */
const MAX_LABEL_OCTETS = 63;

/** A name in ASCII, that of other letters in its `xn--` form; undefined where it cannot be the name of a host. */
export function asciiHostName(name: string): string | undefined {
  if (!/[\x80-\uffff]/.test(name)) return /^[\w.~-]+$/.test(name) ? name : undefined;
  // Of ASCII only what a name may hold: domainToASCII would take `%41` for A.
  if (!/^[\w.~\x80-\uffff-]+$/.test(name)) return undefined;
  const labels = domainToASCII(name).split('.');
  // A dot may end it.
  if (labels.length > 1 && labels.at(-1) === '') labels.pop();
  return labels.every((label) => label !== '' && label.length <= MAX_LABEL_OCTETS)
    ? domainToASCII(name)
    : undefined;
}
