// Why a connection did not come about, or ended, in the words that calls end with: what it had come to says what to try.

import { advice, called } from '../../values/options/option-words.ts';
import type { DialPhase } from '../socket/dial.ts';
import { TlsFailure } from '../socket/secure-socket.ts';
import { describeSocketError, isHangUp } from '../socket/socket-errors.ts';
import { describeWrongPeer } from '../socket/wrong-peer.ts';
import type { HttpVersion } from './connection-info.ts';
import type { Failure } from './failure.ts';

/** How far a connection has come, and to where. */
export interface Progress {
  /** How errors name the place. */
  readonly text: string;
  /** How they name the proxy, where there is one. */
  readonly proxy: string | undefined;
  readonly isSecure: boolean;
  /** What is to be spoken, as the option says it. */
  readonly httpVersion: HttpVersion | 'auto' | undefined;
  /** What is waited for until `isConnected`. */
  readonly phase: DialPhase;
  readonly isConnected: boolean;
}

/** Of one whose connect timeout is over. */
export function timeoutReason(progress: Progress, connectTimeoutMs: number): string {
  return `${progress.text} did not answer within ${called('connectTimeoutMs', connectTimeoutMs)}: ${pendingPhase(progress)}`;
}

function pendingPhase({ isConnected, phase, proxy, isSecure, httpVersion }: Progress): string {
  if (!isConnected) {
    switch (phase) {
      case 'connect':
        return proxy === undefined
          ? 'no connection was made'
          : `no connection to the proxy ${proxy} was made`;
      case 'proxy-handshake':
        return `the proxy ${proxy} accepted the connection but did not finish the TLS handshake (does it speak TLS?)`;
      case 'tunnel':
        return `the proxy ${proxy} accepted the connection but gave no complete answer (is it a proxy?)`;
      case 'handshake':
        return 'it accepted the connection but did not finish the TLS handshake (does it speak TLS?)';
      default:
        return phase satisfies never;
    }
  }
  return isSecure
    ? 'it finished the TLS handshake but sent no HTTP/2 SETTINGS (is it a gRPC server?)'
    : `it accepted the connection but sent no HTTP/2 SETTINGS (${plaintextQuestion(httpVersion)})`;
}

/** What may be wrong where a server says nothing in plaintext. */
function plaintextQuestion(httpVersion: Progress['httpVersion']): string {
  const { wantsHttp1, wantsTls } = advice();
  return httpVersion === 'auto' ? `${wantsHttp1}; ${wantsTls}` : `is it a gRPC server, and ${wantsTls}`;
}

/**
 * Of one that ended before it was ready.
 * @param firstOctets what came of the other end
 * @param endReason why it was ended from this side, where it was
 */
export function unreadyReason(
  { text, proxy, isSecure, isConnected, httpVersion }: Progress,
  firstOctets: Uint8Array,
  endReason: string | undefined,
  error: Error | undefined,
): Omit<Failure, 'cause'> {
  const wrong = describeWrongPeer(firstOctets, isSecure, httpVersion);
  if (wrong !== undefined) return { attempt: { verb: 'talk', target: text }, reason: wrong };
  if (endReason !== undefined) return { reason: endReason };
  // Also in the midst of its first frame; a reset may overtake the news that the connection was accepted, while one that is
  // refused ends with another error.
  const wasTurnedAway = isHangUp(error);
  // With TLS 1.3 a server judges the client's certificate when the handshake is over for the client.
  if (!isConnected || error instanceof TlsFailure) {
    const reason = error === undefined ? 'the socket closed' : describeSocketError(error);
    return { attempt: { verb: 'connect', target: text, proxy }, reason, wasTurnedAway };
  }
  const hint = isSecure
    ? `is it a gRPC server, and does it demand a client certificate, ${called('tls.cert')} and ${called('tls.key')}?`
    : plaintextQuestion(httpVersion);
  return {
    reason: `${text} accepted the connection but closed it before it sent its HTTP/2 SETTINGS (${hint})`,
    wasTurnedAway,
  };
}

/** Of one that was ready, and that this side did not end. */
export function lostReason(text: string, error: Error | undefined): string {
  return `the connection to ${text} was lost: ${error === undefined ? 'the server closed it' : describeSocketError(error)}`;
}
