// NODE_DEBUG=stubless and NODE_DEBUG=stubless-frames: the diagnostics events as lines on stderr, for people. Nothing
// subscribes unless the variable is set. Secrets are never shown, because logs end up in unexpected places, and a
// server's text is escaped, because logs are read in terminals, line by line. The events come from call-events.ts and
// channel/connection/connection-events.ts; a new one is published there first.

import diagnosticsChannel from 'node:diagnostics_channel';
import type {
  ChannelStateChanged,
  ConnectionClosed,
  ConnectionDialed,
  ConnectionGoAway,
  ConnectionReady,
  FrameSeen,
} from '../channel/connection/connection-events.ts';
import type { ConnectTiming } from '../rpc/transport.ts';
import { environment } from '../values/environment.ts';
import type { Metadata } from '../values/metadata.ts';
import { isSecret, REDACTED } from '../values/secret-metadata.ts';
import { escapeText } from '../values/text/escaped-text.ts';
import { shortened } from '../values/text/shortened-text.ts';
import type { CallAttemptEvent, CallEvent } from './call-events.ts';

/** Longer values are cut off. */
const MAX_VALUE_LENGTH = 100;

let isStarted = false;

/** Starts logging, once per process, if NODE_DEBUG says so. */
export function startDebugLog(): void {
  if (isStarted) return;
  isStarted = true;
  const { NODE_DEBUG } = environment;
  if (isSectionEnabled('stubless', NODE_DEBUG)) logCalls(writerOf('stubless'));
  if (isSectionEnabled('stubless-frames', NODE_DEBUG)) logFrames(writerOf('stubless-frames'));
}

/**
 * Whether NODE_DEBUG names a section: a comma-separated list, case-insensitive, with `*` for any text.
 * (`debuglog().enabled` will not do: in workerd it is always true.)
 */
export function isSectionEnabled(section: string, nodeDebug: string | undefined): boolean {
  if (nodeDebug === undefined || nodeDebug === '') return false;
  return nodeDebug.split(',').some((pattern) => {
    const expression = pattern.replace(/[|\\{}()[\]^$+?.]/g, '\\$&').replaceAll('*', '.*');
    return new RegExp(`^${expression}$`, 'i').test(section);
  });
}

function writerOf(section: string): (line: string) => void {
  const write = process.getBuiltinModule('node:util').debuglog(section);
  return (line) => write('%s', escapeText(line));
}

/** Metadata on one line; exported for its spec. */
export function metadataLine(metadata: Metadata | undefined): string {
  const parts: string[] = [];
  for (const [name, value] of metadata ?? []) {
    const text = typeof value === 'string' ? value : `<${value.length} bytes>`;
    const shown = shortened(text, MAX_VALUE_LENGTH);
    parts.push(`${name}=${isSecret(name, value) ? REDACTED : shown}`);
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
  on('stubless:connection.ready', ({ connection, peer, timing, httpVersion }: ConnectionReady) => {
    log(`connection ${connection.id} to ${peer.address} is ready (${phases(timing, httpVersion)})`);
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

function phases(
  { dnsMs, connectMs, proxyMs, tlsMs, settingsMs }: ConnectTiming,
  httpVersion: ConnectionReady['httpVersion'],
): string {
  const parts = [
    dnsMs === undefined ? '' : `DNS ${ms(dnsMs)}`,
    `connect ${ms(connectMs)}`,
    proxyMs === undefined ? '' : `proxy ${ms(proxyMs)}`,
    tlsMs === undefined ? '' : `TLS ${ms(tlsMs)}`,
    httpVersion === '1.1' ? 'HTTP/1.1' : `SETTINGS ${ms(settingsMs)}`,
  ];
  return parts.filter((part) => part !== '').join(', ');
}

function ms(value: number | undefined): string {
  return `${(value ?? 0).toFixed(1)} ms`;
}
