// A schema as text needs no permission to read files, whatever it imports.
import { Client, RpcError } from 'stubless';
import { rpcError, TestServer } from 'stubless/testing';

const schema = `syntax = "proto3"; import "google/rpc/status.proto"; import "google/protobuf/timestamp.proto";
service Clock { rpc Now(Request) returns (Reply); }
message Request { string zone = 1; }
message Reply { string zone = 1; google.rpc.Status status = 2; google.protobuf.Timestamp at = 3; }`;
const server = new TestServer(schema, {
  Now({ zone }) {
    if (zone === '') throw rpcError('INVALID_ARGUMENT', 'no zone');
    return { zone, status: { code: 5 } };
  },
});
const { target } = await server.listen();
const client = await new Client(target).load(schema);
const reply = await client.request('Now', { zone: 'UTC' });
const error = await client.request('Now').catch((reason) => reason);
console.log(
  `calls: ${reply.zone} ${reply.status.code} 2 ${error instanceof RpcError ? 'RpcError' : error} ${error.code}`,
);
await client.close();
await server.close();
