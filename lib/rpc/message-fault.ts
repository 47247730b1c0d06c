// What can be wrong with the header of a message, and the status that its call ends with.

import { StatusCode, type StatusCodeValue } from '../values/status.ts';
import { quoted } from '../values/text/page-text.ts';
import { clientOutcome, type Outcome } from './outcome.ts';

/** `header` is the text that the header's octets are, if they are text. */
export type MessageFault =
  | { readonly kind: 'flag'; readonly flag: number; readonly header: string }
  | { readonly kind: 'size'; readonly octets: number; readonly header: string };

/** @param limit the option that says how large a message may be, with its value */
export function statusOfFault(fault: MessageFault, limit: string): [code: StatusCodeValue, details: string] {
  switch (fault.kind) {
    case 'size':
      return [StatusCode.RESOURCE_EXHAUSTED, `message of ${fault.octets} bytes exceeds ${limit}`];
    case 'flag':
      return [
        StatusCode.INTERNAL,
        `a message begins with the invalid flag byte ${fault.flag} (0 and 1 are known)`,
      ];
    default:
      return fault satisfies never;
  }
}

/**
 * How a call ends with this in its response. If the header's octets are text, they were most likely never gRPC, and the
 * numbers read from them mislead: it says so.
 */
export function outcomeOfFault(fault: MessageFault, limit: string): Outcome {
  const [code, details] = statusOfFault(fault, limit);
  const { header } = fault;
  const isText = header !== '';
  return clientOutcome(
    code,
    isText
      ? `${details}; its first bytes are the text ${quoted(header)}: the response is not gRPC's`
      : details,
  );
}
