// Interop cases of call credentials, against a server of our own over TLS that checks the tokens: grpc's public servers
// take only Google's. Each asserts what grpc's doc/interop-test-descriptions.md lists under its name, but that the token
// comes from here. (compute_engine_creds, jwt_token_creds and google_default_credentials need Google's own machines.)

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { bearerToken, Client, type ClientOptions } from '../../../lib/index.ts';
import { rpcError, type ServerCall, TestServer } from '../../../lib/testing/index.ts';
import { expectStatus, UNARY_CALL } from './interop-case.ts';
import { INTEROP_PROTOS } from './interop-server.ts';

export interface CredentialCase {
  readonly name: string;
  run(connect: (options?: ClientOptions) => Promise<Client>, server: TestServer): Promise<void>;
}

const CERTIFICATES = join('spec', 'channel', 'socket', 'tls', 'certificates');
const USERNAME = 'somebody@example.com';
const SCOPE = 'https://www.example.com/auth/interop';
const TOKEN = 'ya29.a-token';
const WHO = { fillUsername: true, fillOauthScope: true };

interface Request {
  readonly fillUsername: boolean;
  readonly fillOauthScope: boolean;
}

/** TestService, as far as these cases need it: it answers who called, or UNAUTHENTICATED. */
export async function startCredentialServer(): Promise<{
  readonly server: TestServer;
  readonly target: string;
}> {
  const server = new TestServer(
    'grpc/testing/test.proto',
    {
      [UNARY_CALL]({ fillUsername, fillOauthScope }: Request, call: ServerCall) {
        if (call.metadata.get('authorization') !== `Bearer ${TOKEN}`) {
          throw rpcError('UNAUTHENTICATED', 'a token is wanted');
        }
        return {
          username: fillUsername ? USERNAME : '',
          oauthScope: fillOauthScope ? SCOPE : '',
        };
      },
    },
    { includeDirs: [INTEROP_PROTOS] },
  );
  const pem = (name: string): Buffer => readFileSync(join(CERTIFICATES, name));
  const { target } = await server.listen({ tls: { cert: pem('server.pem'), key: pem('server.key') } });
  return { server, target };
}

/** A client of it, with its schema loaded. */
export function connectTo(target: string, options: ClientOptions = {}): Promise<Client> {
  const client = new Client(target, {
    ...options,
    tls: { ca: readFileSync(join(CERTIFICATES, 'root.pem')) },
  });
  return client.load('grpc/testing/test.proto', { includeDirs: [INTEROP_PROTOS] });
}

async function expectSomebody(call: PromiseLike<{ username: string; oauthScope: string }>): Promise<void> {
  const { username, oauthScope } = await call;
  expect(username).to.equal(USERNAME);
  expect(oauthScope).to.not.equal('');
  expect(SCOPE).to.include(oauthScope);
}

export const CREDENTIAL_CASES: readonly CredentialCase[] = [
  {
    name: 'oauth2_auth_token',
    async run(connect) {
      // As from a token endpoint: asked for at each call, asynchronously.
      const client = await connect({ credentials: bearerToken(async () => TOKEN) });
      await expectSomebody(client.unaryUnary(UNARY_CALL, WHO));
    },
  },
  {
    name: 'per_rpc_creds',
    async run(connect, server) {
      const client = await connect();
      await expectStatus(client.unaryUnary(UNARY_CALL, WHO), 'UNAUTHENTICATED');
      await expectSomebody(client.unaryUnary(UNARY_CALL, WHO, { credentials: bearerToken(TOKEN) }));
      await expectStatus(client.unaryUnary(UNARY_CALL, WHO), 'UNAUTHENTICATED');
      expect(server.calls.filter((call) => call.metadata.has('authorization'))).to.have.length(1);
    },
  },
];
