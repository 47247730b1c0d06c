// What shards say to each other at the start gate: lines of text over TCP. The other side may be anybody.
//
//   shard → gate   stubless-gate 1 shard 2/4    who comes, once
//                  time N                       what is the time?
//                  ready                        all is prepared
//   gate → shard   time N MS                    the gate's clock, in milliseconds since 1970
//                  start MS                     begin then, by the gate's clock
//                  late MS                      the others began then
//                  no REASON

import type { Socket } from 'node:net';
import { durationText } from '../../../values/text/duration-text.ts';
import { shortenedList } from '../../../values/text/shortened-text.ts';
import { LocalError, UsageError } from '../../command/failure.ts';

/** Where the gate is: at shard 1. */
export interface GateAddress {
  readonly host: string;
  readonly port: number;
}

/** One of so many, from 1. */
export interface ShardNumber {
  readonly index: number;
  readonly of: number;
}

/** The begin of a load, which all shards have in common. */
export interface CommonStart {
  /** In milliseconds since 1970, by the gate's clock. */
  readonly atMs: number;
  /** The gate's clock less this one, in milliseconds. */
  readonly clockOffsetMs: number;
  /** Shards that begin without: they did not come in time, or went away. Known at the gate alone. */
  readonly missing: readonly number[];
}

/** A shard's side of the gate, wherever that is. */
export interface StartPoint {
  /** All is prepared: resolves when it is known when to begin. LocalError where that will never be. */
  ready(): Promise<CommonStart>;
  /** What is missing now for that, and how long it is waited for, in words. */
  readonly waitsFor: string;
  /** Ends what is open. */
  close(): void;
}

export const GATE_VERSION = 1;
export const DEFAULT_GATE_PORT = 7411;

/** `host`, `host:port` or `[::1]:port`. Throws a UsageError for anything else. */
export function parseGateAddress(text: string): GateAddress {
  const match = /^(?:\[([\da-f:.]+)\]|([\w.-]+))(?::(\d{1,5}))?$/i.exec(text);
  const port = Number(match?.[3] ?? DEFAULT_GATE_PORT);
  const host = match?.[1] ?? match?.[2];
  if (host === undefined || port < 1 || port > 65535) {
    throw new UsageError(`'${text}' is not the address of a start gate; write HOST or HOST:PORT of shard 1`);
  }
  return { host, port };
}

export function gateText({ host, port }: GateAddress): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** Of so many no more are named: a line is to be read. */
const MAX_NAMED = 20;

/** `shard 2`, `shards 2, 3, 4` */
export function shardsText(indexes: readonly number[]): string {
  return `${indexes.length === 1 ? 'shard' : 'shards'} ${shortenedList(indexes, MAX_NAMED)}`;
}

/** How long something is still waited for. @param dueMs by performance.now() */
export function stillText(dueMs: number): string {
  if (dueMs === Infinity) return 'however long that takes';
  const seconds = Math.max(1, Math.round((dueMs - performance.now()) / 1000));
  return `for ${durationText(seconds * 1000)} at most`;
}

/** What is too far from 1970, no Date can say. */
export const isTime = (ms: number): boolean => !Number.isNaN(new Date(ms).getTime());

export const timeText = (ms: number): string =>
  isTime(ms) ? new Date(ms).toISOString() : 'a time that it does not tell';

export function interruptedAtGate({ reason }: AbortSignal): LocalError {
  return new LocalError('interrupted at the start gate', { cause: reason });
}

/** No line of either side is longer; who sends more is somebody else. */
const MAX_LINE_CHARACTERS = 300;

/** Calls back with each line that comes. Ends the connection of who sends something else. */
export function readLines(socket: Socket, onLine: (words: readonly string[]) => void): void {
  let text = '';
  socket.setEncoding('latin1');
  socket.on('data', (chunk: string) => {
    text += chunk;
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n')) {
      const line = text.slice(0, end);
      text = text.slice(end + 1);
      if (line.length <= MAX_LINE_CHARACTERS) onLine(line.split(' '));
    }
    if (text.length > MAX_LINE_CHARACTERS) socket.destroy();
  });
}
