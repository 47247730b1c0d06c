// Errors of Connect as gRPC has them: code, message, and details that are never dropped without a word.

import { expect } from 'chai';
import { errorTrailers, jsonObject } from '../../lib/protocols/connect-error.ts';
import { metadataOfFields } from '../../lib/rpc/metadata-fields.ts';
import { outcomeOfTrailers } from '../../lib/rpc/outcome.ts';
import { decodeErrorDetails } from '../../lib/schema/registry/error-details.ts';
import { Registry } from '../../lib/schema/registry/registry.ts';
import type { ErrorDetails } from '../../lib/values/rpc-error.ts';
import { StatusCode, type StatusCodeValue, statusCodeName } from '../../lib/values/status.ts';

/** `google.rpc.ErrorInfo { reason: "r" }` */
const ERROR_INFO = 'CgFy';

function detailsOf(details: unknown): ErrorDetails | undefined {
  const error = jsonObject(JSON.stringify({ code: 'not_found', details })) ?? {};
  const octets = metadataOfFields(errorTrailers(error, StatusCode.UNKNOWN)).get('grpc-status-details-bin');
  return octets instanceof Uint8Array ? decodeErrorDetails(octets, new Registry()) : undefined;
}

describe('Errors of Connect', () => {
  it('have gRPC’s codes one to one', () => {
    for (let code = 1; code <= 16; code++) {
      const name = statusCodeName(code as StatusCodeValue)
        .toLowerCase()
        .replace('cancelled', 'canceled');
      expect(outcomeOfTrailers(errorTrailers({ code: name }, StatusCode.OK)).code, name).to.equal(code);
    }
  });

  for (const text of [
    '',
    'a',
    '%',
    '%41',
    'a\r\nb: c',
    '\0',
    '日本',
    '😀',
    ' a ',
    '\ufeffa',
    'x'.repeat(100_000),
  ]) {
    it(`have the message ${JSON.stringify(text.slice(0, 20))}`, () => {
      const outcome = outcomeOfTrailers(errorTrailers({ message: text }, StatusCode.INTERNAL));
      expect(outcome.details).to.equal(text);
    });
  }

  describe('details', () => {
    for (const [name, value] of [
      ['base64 without padding', ERROR_INFO],
      ['base64 with padding', 'CgJyMQ=='],
      ['base64 of URLs', 'CgL_vw'],
    ] as const) {
      it(`are read from ${name}`, () => {
        const type = name.endsWith('URLs') ? 'x.Unknown' : 'google.rpc.ErrorInfo';
        const read = detailsOf([{ type, value, debug: { reason: 'r' } }]);
        expect(read?.problem).to.equal(undefined);
        expect(read?.details[0]['@type']).to.equal(`type.googleapis.com/${type}`);
      });
    }

    it('may have a type that is a URL already', () => {
      const read = detailsOf([{ type: 'type.googleapis.com/google.rpc.ErrorInfo', value: ERROR_INFO }]);
      expect(read?.details[0]).to.deep.include({
        '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
        reason: 'r',
      });
    });

    it('may be empty', () => {
      expect(detailsOf([{ type: 'google.rpc.ErrorInfo', value: '' }])?.problem).to.equal(undefined);
      expect(detailsOf([])).to.equal(undefined);
      expect(detailsOf(null)).to.equal(undefined);
    });

    const unread: readonly (readonly [name: string, detail: unknown])[] = [
      ['a value that is not base64', { type: 'google.rpc.ErrorInfo', value: '<no>' }],
      ['a value with a digit too many', { type: 'google.rpc.ErrorInfo', value: 'AAAAA' }],
      ['a value that is an object', { type: 'google.rpc.ErrorInfo', value: { reason: 'r' } }],
      ['no value', { type: 'google.rpc.ErrorInfo', debug: { reason: 'r' } }],
      ['no type', { value: ERROR_INFO }],
      ['an empty type', { type: '', value: ERROR_INFO }],
      ['a type that is a number', { type: 1, value: ERROR_INFO }],
      ['a text', 'no'],
      ['null', null],
      ['an array', [1]],
    ];
    for (const [name, detail] of unread) {
      it(`that cannot be read, ${name}, are there as they came, and named`, () => {
        const read = detailsOf([detail, { type: 'google.rpc.ErrorInfo', value: ERROR_INFO }]);
        expect(read?.details.map((one) => one['@type'])).to.deep.equal([
          '',
          'type.googleapis.com/google.rpc.ErrorInfo',
        ]);
        expect(Buffer.from(read?.details[0]['value'] as Uint8Array).toString()).to.equal(
          JSON.stringify(detail),
        );
        expect(read?.problem).to.equal(`a detail without a type: ${JSON.stringify(JSON.stringify(detail))}`);
      });
    }

    for (const details of [{ type: 'a' }, 'no', 7, true]) {
      it(`that are no array but ${JSON.stringify(details)} are one that cannot be read`, () => {
        expect(detailsOf(details)?.problem).to.match(/^a detail without a type/);
      });
    }

    it('that are many and cannot be read are named in few words', () => {
      const read = detailsOf(new Array(10_000).fill({ type: 'x'.repeat(100) }));
      expect(read?.details).to.have.lengthOf(10_000);
      expect(read?.problem?.length).to.be.below(3000);
      expect(read?.problem).to.match(/9990 more details cannot be read$/);
    });

    it('that do not fit their type are named as gRPC’s are', () => {
      const read = detailsOf([
        { type: 'google.rpc.ErrorInfo', value: 'CgA=CgA=' },
        { type: 'google.rpc.ErrorInfo', value: '/w' },
      ]);
      expect(read?.problem).to.include('type.googleapis.com/google.rpc.ErrorInfo: ');
    });
  });
});
