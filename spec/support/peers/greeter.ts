// helloworld.Greeter as gRPC's example has it, and two names that give demos of failure something real:
// `nobody` is NOT_FOUND (with any more behind it, too, and then told back), and `sleepy` answers only when it is too late.

import {
  Metadata,
  type ServerDuplexStream,
  type ServerUnaryCall,
  type ServerWritableStream,
  type sendUnaryData,
  status,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';

interface HelloRequest {
  readonly name: string;
}
interface HelloReply {
  readonly message: string;
}

/** Comes back in the reply's headers when a request carries it. */
const ECHOED = 'x-request-id';
const SERVED_BY = 'x-served-by';
const SLEEP_MS = 30_000;
const GREETINGS: readonly string[] = ['Hello', 'Salut', 'Hola'];

function greet(request: HelloRequest): HelloReply {
  return { message: `Hello ${request.name}` };
}

function sayHello(
  call: ServerUnaryCall<HelloRequest, HelloReply>,
  callback: sendUnaryData<HelloReply>,
): void {
  const headers = new Metadata();
  for (const value of call.metadata.get(ECHOED)) headers.add(ECHOED, value);
  call.sendMetadata(headers);
  const trailers = new Metadata();
  trailers.set(SERVED_BY, 'grpc-js');

  switch (call.request.name) {
    case 'nobody':
      callback({ code: status.NOT_FOUND, details: 'no greeting for nobody', metadata: trailers });
      return;
    case 'sleepy': {
      const answer = (): void => {
        clearTimeout(timer);
        callback(null, greet(call.request), trailers);
      };
      // Not a reason for the process to live: its server may have been closed.
      const timer = setTimeout(answer, SLEEP_MS).unref();
      call.once('cancelled', answer);
      return;
    }
    default:
      if (call.request.name.startsWith('nobody '))
        callback({
          code: status.NOT_FOUND,
          details: `no greeting for ${call.request.name}`,
          metadata: trailers,
        });
      else callback(null, greet(call.request), trailers);
  }
}

function sayHelloStreamReply(call: ServerWritableStream<HelloRequest, HelloReply>): void {
  for (const greeting of GREETINGS) call.write({ message: `${greeting} ${call.request.name}` });
  call.end();
}

function sayHelloBidiStream(call: ServerDuplexStream<HelloRequest, HelloReply>): void {
  call.on('data', (request: HelloRequest) => call.write(greet(request)));
  call.on('end', () => call.end());
}

/** Methods that the schema has not are ignored, and those that this has not are UNIMPLEMENTED. */
export const GREETER: UntypedServiceImplementation = {
  SayHello: sayHello,
  SayHelloStreamReply: sayHelloStreamReply,
  SayHelloBidiStream: sayHelloBidiStream,
};
