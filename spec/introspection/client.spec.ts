import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { Client } from '../../lib/client.ts';
import { closing } from '../support/closing.ts';

/** Introspection as a client's user meets it; nothing of it needs a server. */
describe('a client without a server', () => {
  const open = closing();
  let client: Client;
  let directory = '';
  beforeEach(async () => {
    client = open(new Client('127.0.0.1', 1));
    await client.load(join(process.cwd(), 'protos', 'route_guide.proto'));
    directory = await mkdtemp(join(tmpdir(), 'stubless-'));
  });
  afterEach(() => rm(directory, { recursive: true, force: true }));

  it('lists services with their methods and types', () => {
    expect(client.services.map(({ fullName }) => fullName)).to.deep.equal(['routeguide.RouteGuide']);
    expect(client.services[0].methods[0]).to.include({
      name: 'GetFeature',
      path: '/routeguide.RouteGuide/GetFeature',
      cardinality: 'unary_unary',
      requestType: 'routeguide.Point',
      replyType: 'routeguide.Feature',
    });
  });

  it('describes what is loaded', () => {
    const method = client.describe('ListFeatures');
    expect(method.kind).to.equal('method');
    expect(method.proto).to.include('returns (stream Feature)');
  });

  it('declares types of what is loaded', () => {
    expect(client.types()).to.include("'routeguide.RouteGuide.GetFeature': {");
  });

  it('turns messages into ProtoJSON and text format, and back', () => {
    const feature = client.fromJson('routeguide.Feature', { name: 'x', location: { latitude: 5 } });
    expect(feature.location.longitude).to.equal(0);
    expect(client.toJson('routeguide.Feature', feature)).to.deep.equal({
      name: 'x',
      location: { latitude: 5 },
    });
    const text = client.toText('routeguide.Feature', feature);
    expect(text).to.equal('name: "x"\nlocation {\n  latitude: 5\n}\n');
    expect(client.fromText('routeguide.Feature', text)).to.deep.equal(feature);
    expect(() => client.toJson('routeguide.Featur', {})).to.throw(/did you mean 'routeguide\.Feature'/);
    expect(() => client.fromText('routeguide.Feature', 'nam: "x"')).to.throw(TypeError, /^1:1: .*'name'/);
  });

  it('writes a descriptor set that loads to the same', async () => {
    const path = join(directory, 'all.binpb');
    await client.writeProtoset(path);
    const other = open(new Client('127.0.0.1', 1));
    await other.load(path);
    expect(other.services).to.deep.equal(client.services);
    expect(other.describe('routeguide.Feature').proto).to.equal(client.describe('routeguide.Feature').proto);
    expect(other.types()).to.equal(client.types());
  });

  it('writes .proto files that load to the same', async () => {
    expect(await client.writeProtos(directory)).to.deep.equal(['route_guide.proto']);
    expect(await readdir(directory)).to.deep.equal(['route_guide.proto']);
    const other = open(new Client('127.0.0.1', 1));
    await other.load('route_guide.proto', { includeDirs: [directory] });
    expect(other.types()).to.equal(client.types());
  });
});
