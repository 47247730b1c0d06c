// `stubless ping`: connects, says what answered, and measures round trips.

import { type Client, type Peer, type PeerCertificate, RpcError } from '../../index.ts';
import { LongTimer } from '../../values/clock.ts';
import { configured } from '../client/config.ts';
import { connect, type TargetValues } from '../client/connect.ts';
import type { Command } from '../command/command-definition.ts';
import { escapeText } from '../command/escape.ts';
import { EXIT } from '../command/failure.ts';
import type { Io } from '../command/io.ts';
import { formatMs, parseCount, parsePause } from '../command/quantity.ts';
import { CONNECTION } from '../options/connection.ts';
import { NO_COLOUR } from '../options/output.ts';
import { REQUEST } from '../options/request.ts';
import { type ConnectionFacts, connectText, watchConnections } from '../replies/connection-watch.ts';

interface PingValues extends TargetValues {
  readonly count?: number;
  readonly interval?: number;
  readonly json?: boolean;
  readonly color?: boolean;
}

/** A server answers it whether or not it has it; either way it is a round trip of gRPC. */
const METHOD = '/grpc.health.v1.Health/Check';
const PROTOCOLS = { grpc: 'gRPC', 'grpc-web': 'gRPC-Web', connect: 'Connect' } as const;
const DEFAULT_COUNT = 4;
const DEFAULT_INTERVAL_MS = 200;

interface RoundTrip {
  readonly ms: number;
  readonly peer: Peer | undefined;
  readonly codeName: string;
}

export const ping: Command<PingValues> = {
  name: 'ping',
  summary: 'connect, show what answers, and measure round trips',
  description: `The first answer includes connecting (DNS, TCP, TLS, HTTP/2 settings); each round trip is a call of
${METHOD}, which any gRPC server answers, if only with UNIMPLEMENTED. Exit status: 0 when gRPC, or the --protocol, answers.`,
  arguments: [{ name: 'target', description: 'host:port', completion: 'target' }],
  groups: [
    {
      title: 'Ping',
      options: [
        {
          flags: '-n, --count <number>',
          description: 'number of round trips',
          parse: (text) => parseCount(text, 1),
          fallback: String(DEFAULT_COUNT),
        },
        {
          flags: '-i, --interval <time>',
          description: 'pause between them',
          parse: parsePause,
          fallback: `${DEFAULT_INTERVAL_MS}ms`,
        },
        { flags: '--json', description: 'one JSON object' },
        NO_COLOUR,
      ],
    },
    CONNECTION,
    REQUEST,
  ],
  examples: [
    { says: 'is it up, and how far away is it', line: 'stubless ping api.example.com' },
    { says: 'find out why TLS fails', line: 'stubless ping localhost:50051 --tls' },
  ],
  async run([named], given, io) {
    const { word = named, options } = await configured(named, given, io);
    const { client, target } = connect(word, { ...options, reflect: false }, io.env);
    using facts = watchConnections();
    const first = await roundTrip(client, io);
    const isJson = options.json === true;
    const spoken = PROTOCOLS[options.protocol ?? 'grpc'];
    if (!isJson) await sayConnection(target.isTls, spoken, first, facts, io);
    const trips: RoundTrip[] = [];
    for (let i = 0; i < (options.count ?? DEFAULT_COUNT); i++) {
      if (i > 0) await pause(options.interval ?? DEFAULT_INTERVAL_MS, io.signal);
      const trip = await roundTrip(client, io);
      trips.push(trip);
      if (!isJson) await io.out.line(`round trip ${i + 1}: ${formatMs(trip.ms)}`);
    }
    const ms = trips.map((trip) => trip.ms).sort((a, b) => a - b);
    const summary = { minMs: ms[0], medianMs: ms[ms.length >> 1], maxMs: ms[ms.length - 1] };
    if (isJson) {
      const { peer } = first;
      const document = {
        target: target.text,
        tls: target.isTls,
        httpVersion: facts.ready?.httpVersion,
        peer: peer?.address,
        certificate: certificateOf(peer),
        connectMs: facts.ready?.timing,
        settings: Object.fromEntries(facts.settings.map(({ name, value }) => [name, value])),
        firstAnswerMs: first.ms,
        roundTripsMs: trips.map((trip) => trip.ms),
        ...summary,
        health: first.codeName,
      };
      await io.out.json(document);
    } else {
      const { minMs, medianMs, maxMs } = summary;
      await io.out.line(
        `${ms.length === 1 ? '1 round trip' : `${ms.length} round trips`}: min ${formatMs(minMs)}, median ${formatMs(medianMs)}, max ${formatMs(maxMs)}`,
      );
    }
    return EXIT.ok;
  },
};

/** A call whose answer, whatever it says, is the server's. Throws what went wrong with the connection. */
async function roundTrip(client: Client, io: Io): Promise<RoundTrip> {
  const startMs = performance.now();
  const call = client.raw(METHOD, { cardinality: 'unary_unary' })(new Uint8Array(), {
    codec: 'proto',
    signal: io.signal,
  });
  const { origin, codeName } = await call.status;
  // A status from this side is about the connection; the server did not answer.
  if (origin === 'client') await explained(call);
  return { ms: performance.now() - startMs, peer: call.peer, codeName };
}

/** Of an HTTP server without that method it is not known what it speaks. */
async function explained(call: PromiseLike<unknown>): Promise<void> {
  try {
    await call;
  } catch (error) {
    if (!RpcError.is(error) || !error.details.includes('has no such method')) throw error;
    const details = `${error.details} (asked was ${METHOD}; a call of a method that the server has tells more)`;
    throw RpcError.of(error.code, details, { cause: error });
  }
}

async function sayConnection(
  isTls: boolean,
  spoken: string,
  { ms, peer, codeName }: RoundTrip,
  facts: ConnectionFacts,
  io: Io,
): Promise<void> {
  const { bold } = io.out.colours;
  await io.out.line(
    `${bold(`connected to ${escapeText(peer?.address ?? '?')}`)} (${isTls ? 'TLS' : 'plaintext'}, HTTP/${facts.ready?.httpVersion ?? '2'}); first answer after ${formatMs(ms)}`,
  );
  if (facts.ready !== undefined) await io.out.line(`time: ${connectText(facts.ready)}`);
  if (facts.settings.length > 0) {
    const settings = facts.settings.map(({ name, value }) => `${name}=${value}`).join(' ');
    await io.out.line(escapeText(`server's settings: ${settings}`));
  }
  const certificate = certificateOf(peer);
  if (certificate !== undefined) {
    await io.out.line(
      escapeText(
        `certificate: ${certificate.subject}, by ${certificate.issuer}, until ${certificate.validTo}`,
      ),
    );
    if (certificate.names !== undefined) await io.out.line(escapeText(`names: ${certificate.names}`));
  }
  const meaning =
    codeName === 'UNIMPLEMENTED'
      ? 'has no health service'
      : codeName === 'OK'
        ? 'answers'
        : `answers ${codeName}`;
  await io.out.line(`${spoken}: ${meaning}`);
}

/** What a person wants to know of a certificate. */
function certificateOf(peer: Peer | undefined) {
  const certificate = peer?.certificate;
  if (certificate === undefined) return undefined;
  const { subject, issuer, validFrom, validTo, subjectAltName: names, fingerprint256 } = certificate;
  const name = (of: PeerCertificate['subject']): string => String(of['CN'] ?? of['O'] ?? '?');
  return { subject: name(subject), issuer: name(issuer), names, validFrom, validTo, fingerprint256 };
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise<void>((resolve, reject) => {
    if (signal.aborted) reject(signal.reason);
    const timer = new LongTimer(resolve, ms);
    signal.addEventListener(
      'abort',
      () => {
        timer.clear();
        reject(signal.reason);
      },
      { once: true },
    );
  });
}
