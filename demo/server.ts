// `npm run server`: the demo's server by itself, for trying examples/. Ends with Ctrl-C.

import { logVerbosity, setLogVerbosity } from '@grpc/grpc-js';
import { serveExamples } from '../spec/support/peers/example-server.ts';

const [, , word = '50051'] = process.argv;
const port = Number(word);
if (!/^\d+$/.test(word) || port > 65_535) fail(`'${word}' is not a port`);
// What goes wrong is told below, once.
setLogVerbosity(logVerbosity.NONE);
try {
  const server = await serveExamples({ port, reflection: true });
  console.log(`helloworld.Greeter and routeguide.RouteGuide on localhost:${server.port}; Ctrl-C ends`);
  process.once('SIGINT', () => void server.close());
} catch (error) {
  const { message } = error as Error;
  fail(
    message.includes('EADDRINUSE')
      ? `port ${port} is in use; end what listens there, or give another: npm run server 50052`
      : `cannot listen on port ${port}: ${message}`,
  );
}

function fail(why: string): never {
  console.error(`server: ${why}`);
  process.exit(1);
}
