// NODE_DEBUG=stubless and NODE_DEBUG=stubless-frames: what diagnostics tell, as lines on stderr for people. Nothing
// subscribes unless the variable asks for it. Secrets are not shown: a log goes where its reader would not expect.

import diagnosticsChannel from 'node:diagnostics_channel';
import { debuglog } from 'node:util';
import type { CallAttemptEvent, CallEvent } from './call-diagnostics.ts';
import type {
  ChannelStateChanged,
  ConnectionClosed,
  ConnectionDialed,
  ConnectionGoAway,
  ConnectionReady,
  FrameSeen,
} from './channel/connection-diagnostics.ts';
import type { Metadata } from './metadata.ts';
import type { ConnectTiming } from './rpc/transport.ts';

/** Metadata whose values are not shown: these names, and those that say what they are. */
const SECRET =
  /^(authorization|proxy-authorization|cookie|set-cookie)$|token|secret|password|credential|api-?key/;
/** Of longer values the beginning is shown. */
const MAX_VALUE_LENGTH = 100;

let isStarted = false;

/** Starts to log, once in a process, if the environment asks for it. */
export function startDebugLog(): void {
  if (isStarted) return;
  isStarted = true;
  const calls = debuglog('stubless');
  if (calls.enabled) logCalls((line) => calls('%s', line));
  const frames = debuglog('stubless-frames');
  if (frames.enabled) logFrames((line) => frames('%s', line));
}

/** A line of metadata; exported for its spec. */
export function metadataLine(metadata: Metadata | undefined): string {
  const parts: string[] = [];
  for (const [name, value] of metadata ?? []) {
    const text = typeof value === 'string' ? value : `<${value.length} bytes>`;
    const shown = text.length > MAX_VALUE_LENGTH ? `${text.slice(0, MAX_VALUE_LENGTH)}…` : text;
    parts.push(`${name}=${SECRET.test(name) ? '<redacted>' : shown}`);
  }
  return parts.join(' ');
}

function on<T>(name: string, listener: (message: T) => void): void {
  diagnosticsChannel.subscribe(name, (message) => listener(message as T));
}

function logCalls(log: (line: string) => void): void {
  on('stubless:channel.state', ({ target, state, reason }: ChannelStateChanged) => {
    log(`channel ${target} is ${state}${reason === '' ? '' : `: ${reason}`}`);
  });
  on('stubless:connection.dial', ({ connection: { id, address, isSecure } }: ConnectionDialed) => {
    log(`connection ${id} dials ${address}${isSecure ? ' with TLS' : ''}`);
  });
  on('stubless:connection.ready', ({ connection, peer, timing }: ConnectionReady) => {
    log(`connection ${connection.id} to ${peer.address} is ready (${phases(timing)})`);
  });
  on('stubless:connection.goaway', (event: ConnectionGoAway) => {
    const { connection, codeName, lastStreamId, debugData, openStreams } = event;
    const text = debugData === '' ? '' : ` ${JSON.stringify(debugData)}`;
    log(
      `connection ${connection.id} got GOAWAY ${codeName}${text}, last stream ${lastStreamId}, ${openStreams} open`,
    );
  });
  on('stubless:connection.close', ({ connection, reason, streams, ageMs }: ConnectionClosed) => {
    log(`connection ${connection.id} ended after ${ms(ageMs)} and ${streams} streams: ${reason}`);
  });
  on('stubless:call.start', ({ call }: CallEvent) => log(`call ${call.id} ${call.method} to ${call.target}`));
  on('stubless:call.stream', ({ call, attempt }: CallAttemptEvent) => {
    const number = attempt.number === 1 ? '' : ` (attempt ${attempt.number})`;
    log(
      `call ${call.id} goes to ${attempt.peer?.address}${number} ${metadataLine(call.requestMetadata)}`.trim(),
    );
  });
  on('stubless:call.headers', ({ call }: CallAttemptEvent) => {
    log(`call ${call.id} got headers ${metadataLine(call.headers)}`.trim());
  });
  on('stubless:call.end', ({ call }: CallEvent) => {
    const { id, codeName, details, timing, attempts } = call;
    const {
      sentMessages = 0,
      sentBytes = 0,
      receivedMessages = 0,
      receivedBytes = 0,
    } = attempts.at(-1) ?? {};
    const text = codeName === 'OK' || details === '' ? '' : `: ${details}`;
    log(
      `call ${id} ended with ${codeName} after ${ms(timing.endMs)}, ${sentMessages} messages (${sentBytes} bytes) sent, ${receivedMessages} (${receivedBytes}) received${text}`,
    );
  });
}

function logFrames(log: (line: string) => void): void {
  on('stubless:frame', (frame: FrameSeen) => log(frameLine(frame)));
}

/** `connection 1 > DATA stream 1, 7 octets, END_STREAM` */
function frameLine(frame: FrameSeen): string {
  const { connection, direction, typeName, type, streamId, length, flagNames } = frame;
  const { settings, codeName, lastStreamId, debugData, increment, opaque } = frame;
  const parts = [
    `connection ${connection.id} ${direction === 'sent' ? '>' : '<'} ${typeName === 'UNKNOWN' ? `type ${type}` : typeName} stream ${streamId}`,
    `${length} octets`,
    ...flagNames,
    ...(settings ?? []).map(
      ({ name, id, value }) => `${name === 'UNKNOWN' ? `setting ${id}` : name} ${value}`,
    ),
  ];
  if (lastStreamId !== undefined) parts.push(`last stream ${lastStreamId}`);
  if (codeName !== undefined) parts.push(codeName);
  if (debugData !== undefined && debugData !== '') parts.push(JSON.stringify(debugData));
  if (increment !== undefined) parts.push(`+${increment}`);
  if (opaque !== undefined) parts.push(opaque);
  return parts.join(', ');
}

function phases({ dnsMs, connectMs, proxyMs, tlsMs, settingsMs }: ConnectTiming): string {
  const parts = [
    dnsMs === undefined ? '' : `DNS ${ms(dnsMs)}`,
    `connect ${ms(connectMs)}`,
    proxyMs === undefined ? '' : `proxy ${ms(proxyMs)}`,
    tlsMs === undefined ? '' : `TLS ${ms(tlsMs)}`,
    `SETTINGS ${ms(settingsMs)}`,
  ];
  return parts.filter((part) => part !== '').join(', ');
}

function ms(value: number | undefined): string {
  return `${(value ?? 0).toFixed(1)} ms`;
}
