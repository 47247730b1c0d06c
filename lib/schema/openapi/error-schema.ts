// What errors look like over HTTP: google.rpc.Status as transcoding proxies send it, and Connect's own.

import { StatusCode } from '../../values/status.ts';
import type { JsonSchema } from '../json-schema/schema-form.ts';

/** Of a transcoding proxy, where google.rpc.Status is not loaded. */
export const STATUS_SCHEMA: JsonSchema = {
  type: 'object',
  properties: {
    code: { type: 'integer', format: 'int32', description: 'A google.rpc.Code' },
    message: { type: 'string' },
    details: {
      type: 'array',
      items: { type: 'object', properties: { '@type': { type: 'string' } } },
    },
  },
};

/** connectrpc.com/docs/protocol#error-codes: the names of gRPC's codes in lower case. */
const CODES = Object.keys(StatusCode)
  .filter((name) => name !== 'OK' && !/^[0-9]/.test(name))
  .map((name) => (name === 'CANCELLED' ? 'canceled' : name.toLowerCase()));

/** connectrpc.com/docs/protocol#error-end-stream */
export const CONNECT_ERROR_SCHEMA: JsonSchema = {
  type: 'object',
  required: ['code'],
  properties: {
    code: { type: 'string', enum: CODES },
    message: { type: 'string' },
    details: {
      type: 'array',
      items: {
        type: 'object',
        required: ['type', 'value'],
        properties: {
          type: { type: 'string', description: 'The full name of a message type' },
          value: {
            type: 'string',
            contentEncoding: 'base64',
            description: 'The message in protobuf, as base64 without padding',
          },
          debug: { description: 'The message as JSON, to be read by people' },
        },
      },
    },
  },
};
