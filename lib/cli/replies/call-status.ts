// How a call ended for its caller, where that differs from its own status: it was cancelled here, because a reply could
// not be read, or because there were enough of them.

import { RpcError, type Status, StatusCode } from '../../index.ts';

/**
 * The status to show.
 * @param failure what the call failed with here
 * @param enough replies after which it was to end, if it was left for that
 */
export function statusOf(status: Status, failure: unknown, enough?: number): Status {
  const { metadata } = status;
  if (RpcError.is(failure)) {
    const { code, codeName, details, origin } = failure;
    return { code, codeName, details, origin, metadata };
  }
  // What the server had said by then stays.
  if (enough === undefined || status.origin !== 'client' || status.code !== StatusCode.CANCELLED)
    return status;
  const details = `ended after ${enough} ${enough === 1 ? 'reply' : 'replies'}, because of --max-messages`;
  return { code: StatusCode.OK, codeName: 'OK', details, origin: 'client', metadata };
}
