// What is true of an exchange: a bit each of one field. As fields of their own they would take eight octets each, of every
// call in flight; V8 copies all of that twice for each call that outlives a scavenge, and marks and sweeps it later.

/** It has ended. */
export const DONE = 1 << 0;
/** The last message written has not left yet. */
export const BLOCKED = 1 << 1;
/** The request was half-closed. */
export const ENDED = 1 << 2;
/** More of the request was sent than may be kept. */
export const FORGOTTEN = 1 << 3;
/** A message of the request must not be compressed. */
export const PLAIN = 1 << 4;
/** The call may be sent once more after REFUSED_STREAM (gRFC A6). */
export const RESENDABLE = 1 << 5;
/** There may be any number of replies. */
export const REPLY_STREAM = 1 << 6;
/** The call wants the next message as soon as it is complete. */
export const READING = 1 << 7;
/** One reply has been delivered. */
export const REPLIED = 1 << 8;
