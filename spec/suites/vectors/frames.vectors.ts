// Every frame vector: well-formed frames are read, written and acted upon as they say, broken ones are the
// errors they say.

import { expect } from 'chai';
import { errorCodeName } from '../../../lib/http2/error-code.ts';
import { FrameReader } from '../../../lib/http2/frame-reader.ts';
import { FrameWriter } from '../../../lib/http2/frame-writer.ts';
import { Conversation } from '../../http2/conversation.ts';
import { hex } from '../../http2/wire-text.ts';
import { vectorFiles } from './archive.ts';

interface FrameVector {
  readonly wire: string;
  /** The codes that a broken frame may be answered with. */
  readonly error: readonly number[] | null;
  readonly frame: {
    readonly length: number;
    readonly type: number;
    readonly flags: number;
    readonly stream_identifier: number;
    readonly frame_payload: Readonly<Record<string, unknown>>;
  } | null;
}

const MAX_FRAME_OCTETS = 16_384;

/** What is heard, or answered, when the frame comes on a connection where its stream has a head. */
const effects: Readonly<
  Record<number, (payload: Readonly<Record<string, unknown>>, id: number) => readonly string[]>
> = {
  0: (payload, id) => [`${id} data ${String(payload['data']).length}`],
  3: (payload, id) => [`${id} end reset ${errorCodeName(Number(payload['error_code']))}`],
  4: () => ['SETTINGS ACK'],
  6: (payload) => [`PING ACK ${Number(`0x${Buffer.from(String(payload['opaque_data'])).toString('hex')}`)}`],
  7: (payload) => [
    `goaway ${payload['last_stream_id']} ${errorCodeName(Number(payload['error_code']))} ${payload['additional_debug_data']}`,
  ],
};

/** The frame written by our writer, for those that it can write with such a payload. */
function written(
  type: number,
  id: number,
  payload: Readonly<Record<string, unknown>>,
): Uint8Array | undefined {
  const writer = new FrameWriter(() => {});
  const number = (name: string): number => Number(payload[name]);
  if (type === 3) writer.rstStream(id, number('error_code'));
  else if (type === 4) writer.settings((payload['settings'] as number[][]).flat());
  else if (type === 6) writer.ping(Buffer.from(String(payload['opaque_data'])).readBigUInt64BE());
  else if (type === 7) {
    writer.goAway(number('last_stream_id'), number('error_code'), String(payload['additional_debug_data']));
  } else if (type === 8) writer.windowUpdate(id, number('window_size_increment'));
  return writer.takeSegment();
}

describe('HTTP/2 frame vectors', () => {
  for (const { name, content } of vectorFiles('http2-frames.tar.gz') ?? []) {
    const { wire, error, frame } = content as FrameVector;
    const octets = hex(wire);

    if (frame === null) {
      it(`${name} is an error of type ${error?.map(errorCodeName).join(' or ')}.`, () => {
        const conversation = new Conversation();
        conversation.open('/p');
        conversation.receive('HEADERS 1 :status=200');
        conversation.connection.receive(octets, 0);
        const [kind, , code] = conversation.take().at(-1)?.split(' ') ?? [];
        expect(kind).to.be.oneOf(['GOAWAY', 'RST_STREAM']);
        expect(code).to.be.oneOf(error?.map(errorCodeName) ?? []);
      });
      continue;
    }

    const { length, type, flags, stream_identifier: id, frame_payload: payload } = frame;

    it(`${name} is read as it says.`, () => {
      let frames = 0;
      const onFrame = (...read: readonly unknown[]): boolean => {
        const [readType, readFlags, readId, , start, end] = read;
        expect([readType, readFlags, readId]).to.deep.equal([type, flags, id]);
        expect(Number(end) - Number(start)).to.equal(length);
        frames++;
        return true;
      };
      new FrameReader({ onFrame }, MAX_FRAME_OCTETS).receive(octets, 0);
      expect(frames).to.equal(1);
    });

    const ours = written(type, id, payload);
    if (ours !== undefined) {
      it(`${name} is written as it says.`, () => {
        expect(Buffer.from(ours).toString('hex')).to.equal(wire.toLowerCase());
      });
    }

    const effect = effects[type];
    if (effect !== undefined) {
      it(`${name} is acted upon.`, () => {
        const conversation = new Conversation({ firstStreamId: Math.max(id, 1) });
        conversation.open('/p');
        conversation.receive(`HEADERS ${Math.max(id, 1)} :status=200`);
        conversation.take();
        conversation.events = [];
        conversation.output = [];
        conversation.connection.receive(octets, 0);
        expect([...conversation.events, ...conversation.take()]).to.include.members([...effect(payload, id)]);
      });
    }
  }
});
