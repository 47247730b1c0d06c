// What a connection is made of, as the library's diagnostics channels tell: how long each step of making it took, the
// server's settings, and with -vv every frame. It prints nothing by itself.

import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { ConnectionReady, FrameSeen } from '../../index.ts';
import { formatMs } from '../command/quantity.ts';

export interface ConnectionFacts extends Disposable {
  /** The first connection that became ready. */
  ready: ConnectionReady | undefined;
  /** The server's settings that came with it. */
  settings: readonly { readonly name: string; readonly value: number }[];
}

/** Watches connections until it is disposed of. `onFrame` is given every frame as a line. */
export function watchConnections(onFrame?: (line: string) => void): ConnectionFacts {
  const onReady = (message: unknown): void => {
    facts.ready ??= message as ConnectionReady;
  };
  const onMessage = (message: unknown): void => {
    const frame = message as FrameSeen;
    if (frame.direction === 'received' && frame.settings !== undefined && facts.settings.length === 0) {
      facts.settings = frame.settings;
      if (onFrame === undefined) unsubscribe('stubless:frame', onMessage);
    }
    onFrame?.(frameLine(frame));
  };
  const facts: ConnectionFacts = {
    ready: undefined,
    settings: [],
    [Symbol.dispose]() {
      unsubscribe('stubless:connection.ready', onReady);
      unsubscribe('stubless:frame', onMessage);
    },
  };
  subscribe('stubless:connection.ready', onReady);
  subscribe('stubless:frame', onMessage);
  return facts;
}

/** `DNS 0.31 ms, connect 0.20 ms, TLS 12.1 ms, HTTP/2 settings 0.80 ms` */
export function connectText({ timing, httpVersion }: ConnectionReady): string {
  const steps: [string, number | undefined][] = [
    ['DNS', timing.dnsMs],
    ['connect', timing.connectMs],
    ['proxy', timing.proxyMs],
    ['TLS', timing.tlsMs],
    ['HTTP/2 settings', httpVersion === '2' ? timing.settingsMs : undefined],
  ];
  return steps.flatMap(([name, ms]) => (ms === undefined ? [] : [`${name} ${formatMs(ms)}`])).join(', ');
}

/** `SETTINGS stream 0, 18 octets: MAX_FRAME_SIZE=16384` */
function frameLine(frame: FrameSeen): string {
  const { direction, typeName, flagNames, streamId, length } = frame;
  const facts = [
    frame.settings?.map(({ name, value }) => `${name}=${value}`).join(' '),
    frame.codeName,
    frame.lastStreamId === undefined ? undefined : `last stream ${frame.lastStreamId}`,
    frame.debugData === undefined || frame.debugData === '' ? undefined : JSON.stringify(frame.debugData),
    frame.increment === undefined ? undefined : `+${frame.increment}`,
    frame.opaque,
  ].filter((fact) => fact !== undefined && fact !== '');
  const flags = flagNames.length === 0 ? '' : ` ${flagNames.join('|')}`;
  const more = facts.length === 0 ? '' : `: ${facts.join(', ')}`;
  return `${direction === 'sent' ? '>' : '<'} ${typeName}${flags} stream ${streamId}, ${length} octets${more}`;
}
