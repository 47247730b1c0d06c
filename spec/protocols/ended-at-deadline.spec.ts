// How a call ends that others end just before its deadline, and just behind it, before this side's own timer goes off: in
// every protocol, over every carrier, in every way in which servers and proxies end calls, and whoever stands between.
// Behind the deadline it is DEADLINE_EXCEEDED unless the server has said otherwise; before it, what it was.

import { expect } from 'chai';
import { Client, type ClientOptions, StatusCode, type StatusCodeValue } from '../../lib/index.ts';
import { closing } from '../support/closing.ts';
import { until } from '../support/peers/fleet.ts';
import { httpServer } from '../support/peers/http1.ts';
import { listen, listenHttp2 } from '../support/peers/peer.ts';
import { TurnedTime } from '../support/time/turned-time.ts';

/** So long that none of it goes by by itself. */
const TIMEOUT_MS = 30_000;
/** As much as times may be off that are added up. This side's own timers are rounded up by more. */
const ROUNDED_MS = 0.001;

const { CANCELLED, DEADLINE_EXCEEDED, INTERNAL, UNAVAILABLE, UNIMPLEMENTED, UNKNOWN } = StatusCode;
type Cardinality = 'unary_unary' | 'unary_stream';

/** A response, over whatever it goes. */
interface Response {
  head(status: number, contentType: string, fields?: Readonly<Record<string, string>>): void;
  body(octets: Uint8Array): void;
  end(trailers?: Readonly<Record<string, string>>): void;
  /** RST_STREAM; undefined where there is none. */
  readonly reset: ((code: number) => void) | undefined;
  close(): void;
}

interface Spoken {
  readonly name: string;
  readonly protocol: NonNullable<ClientOptions['protocol']>;
  readonly cardinality: Cardinality;
  readonly contentType: string;
  /** Ends it with a status of the server's. */
  conclude(response: Response, code: 4 | 14): void;
  /** What a head is that nothing follows, not even a status; undefined where it is a whole response. */
  readonly cutShort: StatusCodeValue | undefined;
}

const NAMES = { 4: 'deadline_exceeded', 14: 'unavailable' };

function frame(flag: number, text: string): Buffer {
  const header = Buffer.alloc(5);
  header[0] = flag;
  header.writeUInt32BE(Buffer.byteLength(text), 1);
  return Buffer.concat([header, Buffer.from(text)]);
}

const GRPC: Omit<Spoken, 'name' | 'cardinality'> = {
  protocol: 'grpc',
  contentType: 'application/grpc',
  conclude(response, code) {
    response.head(200, 'application/grpc');
    response.end({ 'grpc-status': String(code) });
  },
  cutShort: UNKNOWN,
};

const GRPC_WEB: Omit<Spoken, 'name' | 'cardinality'> = {
  protocol: 'grpc-web',
  contentType: 'application/grpc-web+proto',
  conclude(response, code) {
    response.head(200, 'application/grpc-web+proto');
    response.body(frame(0x80, `grpc-status: ${code}\r\n`));
    response.end();
  },
  cutShort: UNKNOWN,
};

const SPOKEN: readonly Spoken[] = [
  { ...GRPC, name: 'gRPC', cardinality: 'unary_unary' },
  { ...GRPC, name: 'gRPC, a stream', cardinality: 'unary_stream' },
  { ...GRPC_WEB, name: 'gRPC-Web', cardinality: 'unary_unary' },
  { ...GRPC_WEB, name: 'gRPC-Web, a stream', cardinality: 'unary_stream' },
  {
    name: 'Connect',
    protocol: 'connect',
    cardinality: 'unary_unary',
    contentType: 'application/proto',
    conclude(response, code) {
      response.head(code === 4 ? 504 : 503, 'application/json');
      response.body(Buffer.from(JSON.stringify({ code: NAMES[code] })));
      response.end();
    },
    cutShort: undefined,
  },
  {
    name: 'Connect, a stream',
    protocol: 'connect',
    cardinality: 'unary_stream',
    contentType: 'application/connect+proto',
    conclude(response, code) {
      response.head(200, 'application/connect+proto');
      response.body(frame(2, JSON.stringify({ error: { code: NAMES[code] } })));
      response.end();
    },
    cutShort: INTERNAL,
  },
];

interface Way {
  readonly name: string;
  end(response: Response, spoken: Spoken): void;
  readonly before: StatusCodeValue | ((spoken: Spoken) => StatusCodeValue | undefined);
  /** DEADLINE_EXCEEDED unless it is what it was. */
  readonly isSame?: boolean;
  readonly isReset?: boolean;
  /** The server's own word, which a policy may try again. */
  readonly isOwn?: boolean;
}

const page =
  (status: number, type = 'text/html', text = 'a proxy') =>
  (response: Response): void => {
    response.head(status, type);
    response.body(Buffer.from(text));
    response.end();
  };

const WAYS: readonly Way[] = [
  { name: 'resets it with CANCEL', end: ({ reset }) => reset?.(8), before: CANCELLED, isReset: true },
  {
    name: 'resets it with INTERNAL_ERROR',
    end: ({ reset }) => reset?.(2),
    before: INTERNAL,
    isReset: true,
  },
  {
    name: 'resets it behind the head',
    end(response, { contentType }) {
      response.head(200, contentType);
      response.reset?.(2);
    },
    before: INTERNAL,
    isReset: true,
  },
  { name: 'closes the connection', end: (response) => response.close(), before: UNAVAILABLE },
  {
    name: 'closes the connection in a message',
    end(response, { contentType }) {
      response.head(200, contentType);
      response.body(Buffer.from([0, 0, 0]));
      setImmediate(() => response.close());
    },
    before: UNAVAILABLE,
  },
  { name: 'answers with a page and 502', end: page(502), before: UNAVAILABLE },
  { name: 'answers with a page and 503', end: page(503), before: UNAVAILABLE },
  { name: 'answers with a page and 504', end: page(504), before: UNAVAILABLE },
  {
    name: 'answers with JSON and 504',
    end: page(504, 'application/json', '{"ok":false}'),
    before: UNAVAILABLE,
  },
  { name: 'answers with a page and 408', end: page(408), before: UNKNOWN },
  { name: 'answers in gRPC, with 503', end: page(503, 'application/grpc', ''), before: UNAVAILABLE },
  { name: 'answers with a page and 500', end: page(500), before: UNKNOWN, isSame: true },
  { name: 'answers with a page and 404', end: page(404), before: UNIMPLEMENTED, isSame: true },
  {
    name: 'ends it behind the head, without a status',
    end(response, { contentType }) {
      response.head(200, contentType);
      response.end();
    },
    before: ({ cutShort }) => cutShort,
  },
  {
    name: 'ends it inside what is to say how it ended',
    end(response, { contentType, protocol }) {
      response.head(200, contentType);
      response.body(Buffer.from([protocol === 'connect' ? 2 : 0x80, 0, 0, 0, 9, 0x7b]));
      response.end();
    },
    before: ({ cutShort, protocol }) => (protocol === 'grpc' ? undefined : cutShort && INTERNAL),
  },
  {
    name: 'says DEADLINE_EXCEEDED',
    end: (response, spoken) => spoken.conclude(response, 4),
    before: DEADLINE_EXCEEDED,
    isSame: true,
    isOwn: true,
  },
  {
    name: 'says UNAVAILABLE',
    end: (response, spoken) => spoken.conclude(response, 14),
    before: UNAVAILABLE,
    isSame: true,
    isOwn: true,
  },
];

/** Who stands between the call and the wire. */
const BETWEEN: Readonly<Record<string, ClientOptions>> = {
  'by itself': {},
  'with retries': { retry: { maxAttempts: 3, initialBackoffMs: 1 } },
  'with hedging': { hedging: { delayMs: 2 * TIMEOUT_MS, nonFatalStatusCodes: ['DATA_LOSS'] } },
  'behind an interceptor': { interceptors: [(call, next) => next(call)] },
};

interface Carrier {
  readonly name: string;
  readonly httpVersion: '2' | '1.1';
  /** A server that gives the next response to who asks for it. */
  listen(): Promise<{ readonly port: number; next(): Promise<Response>; close(): unknown }>;
}

/** Responses that come, to those that wait for them. */
class Responses {
  readonly #come: Response[] = [];
  #wake = (): void => {};

  add(response: Response): void {
    this.#come.push(response);
    this.#wake();
  }

  async next(): Promise<Response> {
    for (;;) {
      const response = this.#come.shift();
      if (response !== undefined) return response;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}

const pairs = (fields: Readonly<Record<string, string>> = {}): string[] => Object.entries(fields).flat();

const CARRIERS: readonly Carrier[] = [
  {
    name: 'HTTP/2',
    httpVersion: '2',
    async listen() {
      const responses = new Responses();
      const peer = await listenHttp2((request) => {
        const { stream, connection } = request;
        responses.add({
          head: (status, type, fields) =>
            stream.headers([':status', String(status), 'content-type', type, ...pairs(fields)], false),
          body: (octets) => void request.write(octets),
          end: (trailers) => (trailers === undefined ? stream.end() : stream.trailers(pairs(trailers))),
          reset: (code) => stream.reset(code),
          close() {
            connection.flush();
            connection.socket.destroySoon();
          },
        });
      });
      return { port: peer.port, next: () => responses.next(), close: () => peer.close() };
    },
  },
  {
    name: 'HTTP/1.1',
    httpVersion: '1.1',
    async listen() {
      const responses = new Responses();
      const server = await httpServer((request, response) => {
        request.resume();
        responses.add({
          head: (status, type) => response.writeHead(status, { 'content-type': type }),
          body: (octets) => void response.write(octets),
          end: () => void response.end(),
          reset: undefined,
          close: () => void request.socket.destroySoon(),
        });
      });
      return { port: server.port, next: () => responses.next(), close: () => server.close() };
    },
  },
];

/** gRPC needs HTTP/2. */
const spokenOver = ({ httpVersion }: Carrier): readonly Spoken[] =>
  SPOKEN.filter(({ protocol }) => httpVersion === '2' || protocol !== 'grpc');

/** HTTP/1.1 has no resets. */
const waysOver = ({ httpVersion }: Carrier): readonly Way[] =>
  WAYS.filter(({ isReset }) => httpVersion === '2' || isReset !== true);

describe('A call that others end at its deadline', () => {
  const use = closing();

  /** A server, and clients of it. */
  const listening = async (carrier: Carrier, { protocol }: Spoken) => {
    const server = use(await carrier.listen());
    const { httpVersion } = carrier;
    const connect = (options: ClientOptions = {}): Client =>
      use(
        new Client(`http://127.0.0.1:${server.port}`, {
          protocol,
          httpVersion,
          reflection: 'never',
          ...options,
        }),
      );
    return { server, connect };
  };

  for (const [name, options] of Object.entries(BETWEEN)) {
    it(`is told alike where it has no connection that one is closed before it is ready: ${name}`, async () => {
      for (const [passMs, code] of [
        [TIMEOUT_MS - 1, UNAVAILABLE],
        [TIMEOUT_MS + ROUNDED_MS, DEADLINE_EXCEEDED],
      ] as const) {
        // It would be made again.
        if (code === UNAVAILABLE && options.retry !== undefined) continue;
        const peer = use(await listen(() => {}));
        using time = new TurnedTime();
        time.stand();
        const connectTimeoutMs = 2 * TIMEOUT_MS;
        const client = use(new Client(peer.target, { connectTimeoutMs, reflection: 'never', ...options }));
        const call = client.raw('/s/m', { cardinality: 'unary_unary' })(Buffer.from('?'), {
          timeoutMs: TIMEOUT_MS,
        });
        await until(() => peer.sockets.size > 0);
        await time.pass(passMs);
        for (const socket of peer.sockets) socket.destroy();
        const status = await call.status;
        expect(status.code, status.details).to.equal(code);
        expect(status.details).to.include('accepted the connection but closed it');
      }
    });
  }

  it('is CANCELLED where its caller has cancelled it before, whatever they do', async () => {
    for (const carrier of CARRIERS) {
      for (const spoken of spokenOver(carrier)) {
        const { server, connect } = await listening(carrier, spoken);
        using time = new TurnedTime();
        time.stand();
        const { cardinality } = spoken;
        for (const way of waysOver(carrier)) {
          // Another one each time, as it may not know yet that its connection is closed.
          const call = connect().raw('/s/m', { cardinality })(Buffer.from('?'), { timeoutMs: TIMEOUT_MS });
          const response = await server.next();
          call.cancel();
          await time.pass(TIMEOUT_MS + ROUNDED_MS);
          way.end(response, spoken);
          const { codeName, details, origin } = await call.status;
          expect([way.name, codeName, origin]).to.deep.equal([way.name, 'CANCELLED', 'client']);
          expect(details).to.equal('cancelled by the caller');
        }
      }
    }
  });

  for (const carrier of CARRIERS) {
    for (const spoken of spokenOver(carrier)) {
      for (const [between, options] of Object.entries(BETWEEN)) {
        it(`is told alike however they do: ${spoken.name} over ${carrier.name}, ${between}`, async () => {
          const { server, connect } = await listening(carrier, spoken);
          using time = new TurnedTime();
          time.stand();
          const { cardinality } = spoken;
          const client = connect(options);

          const endOf = async (passMs: number, way: Way) => {
            const call = client.raw('/s/m', { cardinality })(Buffer.from('?'), { timeoutMs: TIMEOUT_MS });
            const response = await server.next();
            await time.pass(passMs);
            way.end(response, spoken);
            const { code, details } = await call.status;
            return { code, details };
          };

          for (const way of waysOver(carrier)) {
            const before = typeof way.before === 'function' ? way.before(spoken) : way.before;
            if (before === undefined || (way.isOwn === true && between !== 'by itself')) continue;
            const early = await endOf(TIMEOUT_MS - 1, way);
            expect(early.code, `${way.name} before: ${early.details}`).to.equal(before);
            const late = await endOf(TIMEOUT_MS + ROUNDED_MS, way);
            const after = way.isSame === true ? before : DEADLINE_EXCEEDED;
            expect(late.code, `${way.name} behind it: ${late.details}`).to.equal(after);
            if (way.isSame !== true) expect(late.details).to.match(/^the deadline had passed when /);
          }
        });
      }
    }
  }
});
