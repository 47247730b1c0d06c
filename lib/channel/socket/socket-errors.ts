// The errors of the operating system in words: what happened, where, and what to try. Their codes stay in the text, for
// who searches for them.

import { nodeFs } from './node-tls.ts';

/** What Linux leaves for the path of a Unix socket, without the octet that ends it; macOS leaves 103. */
const MAX_PATH_OCTETS = 107;

/**
 * An error of a socket or of DNS, in a line.
 * @param lookedUp the name that was looked up: Bun's errors do not have it
 * @param nameServer who was asked for it; undefined for those of the system
 */
export function describeSocketError(error: Error, lookedUp?: string, nameServer?: string): string {
  const { errors } = error as { errors?: unknown };
  if (Array.isArray(errors) && errors.length > 0) {
    return errors.map((one: Error) => describeSocketError(one, lookedUp, nameServer)).join('; ');
  }
  const { code, address, port, hostname, syscall } = error as Error & {
    code?: string;
    address?: string;
    port?: number;
    hostname?: string;
    syscall?: string;
  };
  const isUnix = address !== undefined && port === undefined && syscall === 'connect';
  // A question of ours to a name server: queryA, queryAaaa, queryTxt.
  const answer = syscall?.startsWith('query')
    ? describeNoAnswer(code, hostname ?? lookedUp, nameServer)
    : undefined;
  const text = isUnix
    ? describeUnix(code, address)
    : (answer ??
      describe(code, address === undefined ? '' : ` ${placeText(address, port)}`, hostname ?? lookedUp));
  return text === undefined ? error.message : `${text} (${code})`;
}

/**
 * Whether the other end closed a connection, and said nothing of why.
 * @param error with which the socket ended, where it did not simply end; that of TLS or of a tunnel, too
 */
export function isHangUp(error: Error | undefined): boolean {
  if (error === undefined) return true;
  const { code = (error.cause as { code?: unknown } | undefined)?.code } = error as { code?: unknown };
  return isHangUpCode(code);
}

/** Whether an error's code says that the other end closed the connection: noticed when reading, or when writing. */
export function isHangUpCode(code: unknown): boolean {
  return code === 'ECONNRESET' || code === 'EPIPE';
}

function placeText(address: string, port: number | undefined): string {
  return `${address.includes(':') ? `[${address}]` : address}${port === undefined ? '' : `:${port}`}`;
}

function describe(code: string | undefined, place: string, hostname: string | undefined): string | undefined {
  switch (code) {
    case 'ECONNREFUSED':
      return `nothing listens on${place}`;
    case 'ENOTFOUND':
    case 'ENODATA':
      return `the host name '${hostname}' is not known to DNS; check its spelling, or give an IP address`;
    case 'EAI_AGAIN':
      return `the host name '${hostname}' could not be looked up now: no answer from DNS; check this machine's network and name server`;
    case 'EHOSTUNREACH':
    case 'EHOSTDOWN':
      return `there is no route to the host${place}; check the address, the network and firewalls`;
    case 'ENETUNREACH':
      return `there is no route to the network of${place}; is this machine online, and does it have that IP version?`;
    case 'ETIMEDOUT':
      return `no answer from${place === '' ? ' the host' : place}; check the address and firewalls, which often drop what they do not allow`;
    case 'EACCES':
    case 'EPERM':
      return `this process may not connect to${place}; check firewalls and sandboxes`;
    case 'EADDRNOTAVAIL':
      return `no local address or port is left for a connection to${place}`;
    case 'EMFILE':
    case 'ENFILE':
      return 'too many files and sockets are open; raise the limit (ulimit -n), or close clients that are done';
    case 'ECONNRESET':
    case 'EPIPE':
      return 'the server closed the connection';
    default:
      return undefined;
  }
}

function describeNoAnswer(
  code: string | undefined,
  hostname: string | undefined,
  nameServer: string | undefined,
): string | undefined {
  const who = nameServer === undefined ? 'the name server' : `the name server ${nameServer}`;
  switch (code) {
    case 'ECONNREFUSED':
      return `the host name '${hostname}' could not be looked up: ${who} cannot be reached: nothing listens there`;
    case 'ETIMEOUT':
      return `the host name '${hostname}' could not be looked up: ${who} did not answer`;
    case 'ESERVFAIL':
      return `the host name '${hostname}' could not be looked up: ${who} reported a failure of its own, which may be temporary`;
    case 'EREFUSED':
      return `the host name '${hostname}' could not be looked up: ${who} refuses to answer this`;
    case 'EFORMERR':
    case 'ENOTIMP':
    case 'EBADRESP':
      return `the host name '${hostname}' could not be looked up: ${who} does not understand the question; check that it is a name server`;
    default:
      return undefined;
  }
}

function describeUnix(code: string | undefined, path: string): string | undefined {
  const shown = path.startsWith('\0') ? `@${path.slice(1)}` : path;
  // The runtime may cut it off, and then tells of a path that nobody gave.
  if (Buffer.byteLength(path) > MAX_PATH_OCTETS) {
    return `the path of the Unix socket ${shown} has ${Buffer.byteLength(path)} bytes; at most ${MAX_PATH_OCTETS} are allowed`;
  }
  switch (code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return `there is no Unix socket ${shown}; is the server running, and is this its path?`;
    case 'ECONNREFUSED':
    case 'ENOTSOCK':
      return isOtherThanSocket(path)
        ? `${shown} is there, but is not a Unix socket`
        : `nothing listens on the Unix socket ${shown}; its server has stopped, or has not started yet`;
    case 'EACCES':
    case 'EPERM':
      return `this process may not use the Unix socket ${shown}; check its permissions and those of its directories`;
    case 'EPROTOTYPE':
      return `${shown} is a Unix socket of another kind than a stream`;
    case 'EAGAIN':
      return `the server of the Unix socket ${shown} accepts no more connections for now`;
    case 'ECONNRESET':
    case 'EPIPE':
      return 'the server closed the connection';
    default:
      return undefined;
  }
}

/** The system says the same of a file, a directory, and a socket that nobody listens on. */
function isOtherThanSocket(path: string): boolean {
  try {
    return !path.startsWith('\0') && !nodeFs().statSync(path).isSocket();
  } catch {
    // Gone meanwhile, or not accessible: then it is unknown.
    return false;
  }
}
