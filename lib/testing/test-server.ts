// TestServer: a gRPC server for tests, made of a schema and plain functions, in memory unless it is told to listen.
// It wires connections, services, faults and the call log together; server-exchange.ts runs a call.

import type { Socket } from 'node:net';
import type { LoadSource, MethodName, Untyped } from '../call/typed-calls.ts';
import { Channel } from '../channel/channel.ts';
import type { SocketHandler } from '../channel/socket/dial.ts';
import { parseTarget, type Target } from '../channel/target/target.ts';
import { Client } from '../client/client.ts';
import { type ClientOptions, checkClientOptions } from '../client/client-options.ts';
import type { Plan } from '../schema/codec/plan.ts';
import { Registry } from '../schema/registry/registry.ts';
import { loadSources } from '../schema/sources/load-source.ts';
import { messageOf } from '../values/realm.ts';
import { nextTurn } from '../values/turn.ts';
import { ArrivingStream } from './arriving-stream.ts';
import { CallLog, type RecordedCall } from './call-log.ts';
import { type Fault, Faults, type InjectedFault } from './faults.ts';
import type { HandlerOf, Handlers } from './handlers.ts';
import { Health, type HealthStatus } from './health-service.ts';
import { type Listener, type Listening, type ListenOptions, listen } from './listener.ts';
import { MemorySocket } from './memory-socket.ts';
import { Network, type NetworkConditions } from './network.ts';
import { reflectionTable } from './reflection-service.ts';
import { ServerConnection, type TestConnection } from './server-connection.ts';
import type { ExchangeHost, ServerExchange } from './server-exchange.ts';
import {
  type CheckedTestServerOptions,
  checkTestServerOptions,
  type TestServerOptions,
} from './server-options.ts';
import { type Route, ServiceTable } from './service-table.ts';

/** The calls of one method, for matchers. */
interface RequestsOfMethod {
  readonly method: string;
  readonly isStream: boolean;
  /** The type of its requests; undefined where they have no schema. */
  readonly plan: Plan | undefined;
  readonly calls: readonly RecordedCall[];
}

/** What clients in memory connect to, as errors name it; there is no such socket. */
const IN_MEMORY: Target = parseTarget('unix:stubless-test-server');

const BUILT_IN = /^\/grpc\.(?:(health)\.v1\.Health|reflection\.v1(?:alpha)?\.ServerReflection)\//;

/**
 * A gRPC server for tests: `new TestServer('helloworld.proto', { SayHello: ({ name }) => ({ message: `Hello ${name}` }) })`.
 * `await server.client()` is a client of it, with the schema loaded, over HTTP/2 in memory; `server.listen()` makes it
 * reachable to others. Methods without a handler are UNIMPLEMENTED.
 *
 * Errors: with a mistake in the schema, or a handler whose name fits no method, `ready`, `client` and `listen` reject
 * with a SchemaError.
 */
export class TestServer<S extends object = Untyped> implements AsyncDisposable {
  readonly #source: LoadSource;
  readonly #options: CheckedTestServerOptions;
  readonly #network = new Network();
  readonly #faults = new Faults();
  readonly #log = new CallLog();
  readonly #health = new Health();
  readonly #host: ExchangeHost;
  readonly #ready: Promise<ServiceTable>;
  #table: ServiceTable | undefined;
  #healthTable: Promise<ServiceTable> | undefined;
  #reflectionTable: Promise<ServiceTable> | undefined;
  readonly #connections = new Set<TestConnection>();
  readonly #running = new Set<ServerExchange>();
  readonly #clients = new Set<Client<S>>();
  readonly #listeners = new Set<Listener>();
  #channel: Channel | undefined;
  #isClosed = false;

  /** What connections in memory go through: `server.network.latencyMs = 50`. */
  readonly network: NetworkConditions;

  /**
   * @param source the schema, as `client.load` takes it
   * @param handlers functions by the names of their methods, in any spelling that a call takes
   * @param options where imports are looked for, limits, compression
   * @throws TypeError or RangeError for a wrong option, TypeError for handlers that are not an object
   */
  constructor(source: LoadSource, handlers: Handlers<NoInfer<S>> = {}, options?: TestServerOptions) {
    this.#source = source;
    this.#options = checkTestServerOptions(options);
    if (handlers === null || typeof handlers !== 'object') {
      throw new TypeError(
        `the handlers must be an object like { SayHello: (request) => ({ … }) }, not ${String(handlers)}`,
      );
    }
    this.network = this.#network.conditions;
    const { maxReceiveMessageBytes, maxSendMessageBytes, compression, compressions } = this.#options;
    this.#host = {
      maxReceiveMessageBytes,
      maxSendMessageBytes,
      compression,
      compressions,
      route: (path) => this.#route(path),
      // Calls of reflection and health are hit only by faults for their own methods.
      fault: (path) => this.#faults.take(path, !BUILT_IN.test(path)),
      onCall: (call) => this.#log.add(call),
      onBegin: (exchange) => this.#running.add(exchange),
      onEnd: (exchange) => this.#running.delete(exchange),
    };
    this.#ready = this.#load(handlers);
    // Whatever needs the schema rejects; nobody has to await `ready`.
    this.#ready.catch(() => {});
  }

  /** Resolves when the schema is loaded and the handlers fit it. */
  async ready(): Promise<this> {
    await this.#ready;
    return this;
  }

  /**
   * A client of this server, in memory, with the server's schema loaded. The server closes it if it is still open then.
   */
  async client(options?: ClientOptions): Promise<Client<S>> {
    const { channel } = checkClientOptions(options);
    await this.#ready;
    const client = new Client<S>(this.#newChannel(channel), options);
    this.#clients.add(client);
    const { includeDirs, scope } = this.#options;
    await client.load(this.#source, { includeDirs, ...(scope === '' ? {} : { package: scope }) });
    return client;
  }

  /** A channel to this server, in memory: `new Client(server.channel)` has no schema loaded, but can use reflection. */
  get channel(): Channel {
    if (this.#channel === undefined || this.#channel.state === 'shutdown') {
      this.#channel = this.#newChannel(checkClientOptions(undefined).channel);
    }
    return this.#channel;
  }

  /**
   * Listens for other processes and other clients, by default on a free port of 127.0.0.1. It answers gRPC, gRPC-Web and
   * Connect over HTTP/2, and the latter two over HTTP/1.1 as well. Rejects with the system's error.
   */
  async listen(options: ListenOptions = {}): Promise<Listening> {
    await this.#ready;
    if (this.#isClosed) throw new Error('the test server is closed');
    const listener = await listen(options, {
      http2: (socket, peer) => this.#accept(socket, peer),
      http1: (socket, peer) => this.#acceptHttp1(socket, peer),
    });
    this.#listeners.add(listener);
    const { target, host, port } = listener;
    return { target, host, port };
  }

  /** Replaces the handler of a method. Rejects with SchemaError for a name that fits no method. */
  async handle<M extends MethodName<S>>(method: M, handler: HandlerOf<S, M>): Promise<void> {
    (await this.#ready).use({ [method]: handler }, true);
  }

  /** The calls that came, in order: the latest 1,000. */
  get calls(): readonly RecordedCall[] {
    return this.#log.calls;
  }

  /** The calls of one method, in any spelling. */
  callsOf(method: MethodName<S>): readonly RecordedCall[] {
    const { fullName } = this.#loaded('callsOf').method(method);
    return this.#log.calls.filter((call) => call.method === fullName);
  }

  /** @internal What came of one method, and the type of its requests; undefined if it is not a test server. */
  static requestsOf(object: object, name: string): RequestsOfMethod | undefined {
    if (!(#log in object)) return undefined;
    const table: ServiceTable = object.#loaded('haveReceived');
    const { fullName, requestStream, request } = table.method(name);
    const calls = object.#log.calls.filter((call) => call.method === fullName);
    const plan = table.registry.findPlan(request.typeName);
    return { method: fullName, isStream: requestStream, plan, calls };
  }

  /** Forgets the calls that came so far. */
  clearCalls(): void {
    this.#log.clear();
  }

  /**
   * Makes something go wrong with the next calls of a method, or with `'*'` of any method except health and reflection.
   * @param times how many calls it hits; default 1, `Infinity` for all
   */
  inject(
    method: MethodName<S> | '*',
    fault: Fault,
    { times = 1 }: { readonly times?: number | undefined } = {},
  ): InjectedFault {
    const path = method === '*' ? undefined : this.#loaded('inject').method(method).path;
    return this.#faults.add(path, fault, times);
  }

  /** Removes all faults that are left. */
  clearFaults(): void {
    this.#faults.clear();
  }

  /** Sends GOAWAY on every connection: running calls are answered, and clients open new connections for the next. */
  goAway(): void {
    for (const connection of [...this.#connections]) connection.goAway();
  }

  /** Drops every connection without a GOAWAY, as a crash does. */
  disconnect(): void {
    for (const connection of [...this.#connections]) connection.disconnect();
  }

  /** How many connections are open. */
  get connections(): number {
    return this.#connections.size;
  }

  /**
   * Sets what grpc.health.v1.Health reports for a service, or with `''` for the whole server. By default those of the
   * schema are SERVING.
   */
  setHealth(service: string, status: HealthStatus): void {
    this.#health.set(service, status);
  }

  /**
   * Ends everything: the clients that it made, running calls (UNAVAILABLE), connections, listeners. Idempotent.
   */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.network.isStalled = false;
    for (const exchange of [...this.#running]) exchange.close();
    await Promise.all(Array.from(this.#clients, (client) => client.close({ graceMs: 0 })));
    for (const connection of [...this.#connections]) connection.close();
    await Promise.all(Array.from(this.#listeners, (listener) => listener.close()));
    this.#listeners.clear();
  }

  /** Closes the server at the end of an `await using` block. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #load(handlers: object): Promise<ServiceTable> {
    const { includeDirs, values, scope } = this.#options;
    const registry = new Registry(values);
    registry.addSources(await loadSources(this.#source, { includeDirs }));
    const table = new ServiceTable(registry, scope);
    table.use(handlers, false);
    this.#table = table;
    return table;
  }

  #loaded(what: string): ServiceTable {
    if (this.#table === undefined) throw new Error(`${what} needs the schema: await server.ready() first`);
    return this.#table;
  }

  #newChannel(options: ReturnType<typeof checkClientOptions>['channel']): Channel {
    return new Channel(IN_MEMORY, {
      ...options,
      dial: (_address, _credentials, handler) => this.#connect(handler),
    });
  }

  /** The client's end of a new connection in memory. */
  #connect(handler: SocketHandler): MemorySocket {
    const [near, far] = MemorySocket.pair(this.#network);
    near.use(handler);
    near.ref();
    nextTurn(() => {
      if (this.#isClosed) {
        near.fail(new Error('the test server is closed'));
        return;
      }
      far.use(this.#accept(far, 'memory'));
      handler.onConnect(near, undefined);
    });
    return near;
  }

  #accept(socket: ConstructorParameters<typeof ServerConnection>[0], peer: string): ServerConnection {
    const { maxHeaderListBytes, maxConcurrentStreams } = this.#options;
    const limits = { maxHeaderListOctets: maxHeaderListBytes, maxConcurrentStreams };
    const connection: ServerConnection = new ServerConnection(socket, peer, this.#host, limits, () =>
      this.#connections.delete(connection),
    );
    this.#connections.add(connection);
    return connection;
  }

  /** HTTP/1.1 is read and written by Node's own, which is loaded for the first who speaks it. */
  async #acceptHttp1(socket: Socket, peer: string): Promise<void> {
    const { Http1Connection } = await import('./http1-connection.ts');
    const { maxHeaderListBytes } = this.#options;
    // Meanwhile it may have gone.
    if (socket.destroyed) return;
    const connection: TestConnection = new Http1Connection(
      socket,
      peer,
      maxHeaderListBytes,
      (stream, own) => new ArrivingStream(stream, this.#host, own),
      () => this.#connections.delete(connection),
    );
    this.#connections.add(connection);
  }

  async #route(path: string): Promise<Route | string> {
    let table: ServiceTable;
    try {
      table = await this.#ready;
    } catch (error) {
      return `the test server's schema could not be loaded: ${messageOf(error)}`;
    }
    return table.find(path) ?? (await this.#builtIn(path, table))?.find(path) ?? table.explain(path);
  }

  /** Health and reflection, made when they are first asked. */
  #builtIn(path: string, own: ServiceTable): Promise<ServiceTable> | undefined {
    const match = BUILT_IN.exec(path);
    if (match === null) return undefined;
    if (match[1] !== undefined) return this.#options.health ? this.#healthOf(own) : undefined;
    if (!this.#options.reflection) return undefined;
    this.#reflectionTable ??= reflectionTable(async () =>
      this.#options.health ? [own.registry, (await this.#healthOf(own)).registry] : [own.registry],
    );
    return this.#reflectionTable;
  }

  #healthOf(own: ServiceTable): Promise<ServiceTable> {
    this.#healthTable ??= this.#health.table(() => own.services);
    return this.#healthTable;
  }
}
