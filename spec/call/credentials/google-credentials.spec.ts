// Google's credentials: what google-auth-library gives gets into calls. A service account's key makes tokens of its
// own without a network, so the library itself is in it.

import { generateKeyPairSync } from 'node:crypto';
import { expect } from 'chai';
import { GoogleAuth } from 'google-auth-library';
import {
  Client,
  type GoogleAuthClient,
  type GoogleCredentialsOptions,
  googleCredentials,
} from '../../../lib/index.ts';
import { certificatePath } from '../../channel/socket/tls/secure-servers.ts';
import { closing, rejection } from '../../support/closing.ts';
import { type RecordingServer, recordingServer } from './recording-server.ts';

const { privateKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
});
const SERVICE_ACCOUNT = {
  type: 'service_account',
  client_email: 'me@project.iam.gserviceaccount.com',
  private_key: privateKey,
};

describe('googleCredentials', () => {
  const close = closing();
  let server: RecordingServer;
  before(async () => {
    server = await recordingServer('tls');
  });
  after(() => server.close());

  function call(options?: GoogleCredentialsOptions): PromiseLike<unknown> {
    const client = close(
      new Client(`https://localhost:${server.port}`, {
        authority: 'pubsub.googleapis.com',
        tls: { ca: { file: certificatePath('root.pem') } },
        credentials: googleCredentials(options),
      }),
    );
    return client.raw('/google.pubsub.v1.Publisher/Publish', { cardinality: 'unary_unary' })();
  }

  function authGiving(headers: unknown, asked: (string | undefined)[] = []): GoogleAuthClient {
    return {
      async getRequestHeaders(url) {
        asked.push(url);
        return headers as Headers;
      },
    };
  }

  it('asks a ready client for the URL of the service', async () => {
    const asked: (string | undefined)[] = [];
    await call({ auth: authGiving(new Headers({ Authorization: 'Bearer t' }), asked) });
    expect(asked).to.deep.equal(['https://pubsub.googleapis.com/google.pubsub.v1.Publisher']);
    expect(server.heads.at(-1)).to.include({ authorization: 'Bearer t' });
  });

  it('takes headers as a record, too, and all of them', async () => {
    await call({ auth: authGiving({ Authorization: 'Bearer t2', 'x-goog-user-project': 'p' }) });
    expect(server.heads.at(-1)).to.include({ authorization: 'Bearer t2', 'x-goog-user-project': 'p' });
  });

  const ways: readonly (readonly [name: string, options: GoogleCredentialsOptions])[] = [
    ['found by google-auth-library itself', { credentials: SERVICE_ACCOUNT }],
    ['of a GoogleAuth of the user', { auth: new GoogleAuth({ credentials: SERVICE_ACCOUNT }) }],
  ];
  for (const [name, options] of ways) {
    it(`sends a token signed with a service account's key, ${name}`, async () => {
      // Without scopes it is a token for the service alone, made on the spot.
      await call({ ...options, ...(options.auth === undefined ? { scopes: [] } : {}) });
      const [scheme, token] = String(server.heads.at(-1)?.authorization).split(' ');
      expect(scheme).to.equal('Bearer');
      const claims = JSON.parse(Buffer.from(token.split('.')[1], 'base64url').toString());
      expect(claims).to.include({
        iss: SERVICE_ACCOUNT.client_email,
        aud: 'https://pubsub.googleapis.com/google.pubsub.v1.Publisher',
      });
    });
  }

  it('ends the call with UNAUTHENTICATED where there are none', async () => {
    const error = await rejection(call({ keyFilename: '/there/is/no/such/key.json' }));
    expect(error).to.include({ codeName: 'UNAUTHENTICATED', origin: 'client' });
    expect(error.message).to.include('no credentials for the call').and.include('key.json');
  });

  it('refuses options that there are not', () => {
    expect(() => googleCredentials({ scope: 'x' } as object)).to.throw(TypeError, "no option 'scope'");
    expect(() => googleCredentials({ auth: {} as never })).to.throw(TypeError, 'getRequestHeaders');
  });
});
