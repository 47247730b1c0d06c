// What console.log shows of a client and what it gives: where it stands, and no secrets.

import { inspect } from 'node:util';
import { expect } from 'chai';
import { Client } from '../../lib/index.ts';

describe('What console.log shows', () => {
  const client = new Client('localhost', 50051, { metadata: { authorization: 'secret' } });
  before(async () => {
    await client.load('protos/helloworld.proto');
  });
  after(() => client.close());

  const count = (pattern: RegExp): number => Number(pattern.exec(inspect(client))?.[1]);

  it('of a client is its target, its state and how much is loaded', () => {
    expect(inspect(client)).to.match(
      /^Client \{ target: 'localhost:50051', state: 'idle', services: \d+, methods: \d+ \}$/,
    );
    expect(count(/services: (\d+)/)).to.equal(client.services.length);
    expect(count(/methods: (\d+)/)).to.equal(client.services.flatMap(({ methods }) => methods).length);
  });

  it('of a channel is its target, its state and what goes over it', () => {
    expect(inspect(client.channel)).to.equal(
      "Channel { target: 'localhost:50051', state: 'idle', openStreams: 0, queuedCalls: 0 }",
    );
  });

  it('of a service is its full name and how many methods it has', () => {
    expect(inspect(client.service('Greeter'))).to.match(
      /^Service \{ name: 'helloworld\.Greeter', methods: \d+ \}$/,
    );
    expect(inspect(client.service('Nobody'))).to.equal("Service { name: 'Nobody' }");
  });

  it('of the class itself needs no object of it', () => {
    expect(() => inspect(Client.prototype)).to.not.throw();
  });

  it('is no secret', () => {
    expect(inspect(client, { depth: 9, showHidden: true })).to.not.include('secret');
  });
});
