// HTTP/2 frames as lines of text and back, for specs: written from RFC 9113 on its own, so that lib's reader
// and writer do not vouch for each other. Header blocks of input are plain literals; those of output are
// read with lib's decoder, which has specs of its own.

import { errorCodeName } from '../../lib/http2/error-code.ts';
import { HeaderDecoder } from '../../lib/http2/hpack/decoder.ts';

const TYPES = [
  'DATA',
  'HEADERS',
  'PRIORITY',
  'RST_STREAM',
  'SETTINGS',
  'PUSH_PROMISE',
  'PING',
  'GOAWAY',
  'WINDOW_UPDATE',
  'CONTINUATION',
];
const SETTING_NAMES = [
  '',
  'HEADER_TABLE_SIZE',
  'ENABLE_PUSH',
  'MAX_CONCURRENT_STREAMS',
  'INITIAL_WINDOW_SIZE',
  'MAX_FRAME_SIZE',
  'MAX_HEADER_LIST_SIZE',
];
const CODE_NAMES = new Map(Array.from({ length: 14 }, (_, code) => [errorCodeName(code), code]));

export const PREFACE: Uint8Array = ascii('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');

export function ascii(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

export function hex(text: string): Uint8Array {
  const digits = text.replace(/\s/g, '');
  return Uint8Array.from({ length: digits.length / 2 }, (_, i) =>
    Number.parseInt(digits.slice(2 * i, 2 * i + 2), 16),
  );
}

export function concat(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((octets, part) => octets + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

export function errorCode(name: string): number {
  const code = CODE_NAMES.get(name) ?? Number(name);
  if (Number.isNaN(code)) throw new Error(`no error code ${name}`);
  return code;
}

function frame(type: number, flags: number, streamId: number, payload: Uint8Array): Uint8Array {
  const { length } = payload;
  const header = [length >>> 16, (length >>> 8) & 0xff, length & 0xff, type, flags, ...octetsOf(streamId, 4)];
  return concat([Uint8Array.from(header), payload]);
}

function octetsOf(value: number, count: number): number[] {
  return Array.from({ length: count }, (_, i) => Math.floor(value / 256 ** (count - 1 - i)) % 256);
}

function uint(bytes: Uint8Array, at: number, count: number): number {
  let value = 0;
  for (let i = 0; i < count; i++) value = value * 256 + bytes[at + i];
  return value;
}

/** A header block of literals without indexing, never Huffman-coded. */
function literalBlock(fields: readonly (readonly [string, string])[]): Uint8Array {
  return concat(fields.flatMap(([name, value]) => [Uint8Array.of(0), literal(name), literal(value)]));
}

function literal(text: string): Uint8Array {
  const length = [];
  if (text.length < 127) length.push(text.length);
  else {
    length.push(127);
    let rest = text.length - 127;
    for (; rest >= 128; rest = Math.floor(rest / 128)) length.push((rest % 128) + 128);
    length.push(rest);
  }
  return concat([Uint8Array.from(length), ascii(text)]);
}

/**
 * The octets of one line:
 *   SETTINGS INITIAL_WINDOW_SIZE=5 | SETTINGS ACK | HEADERS 1 :status=200 END_STREAM | DATA 1 100 END_STREAM
 *   PING 7 | PING ACK 7 | RST_STREAM 1 CANCEL | GOAWAY 1 NO_ERROR text | WINDOW_UPDATE 0 5 | PRIORITY 1
 *   CONTINUATION 1 a=b | PUSH_PROMISE 1 2 :method=GET | FRAME type flags stream hex | HEX octets | TEXT text
 * MORE on HEADERS and CONTINUATION leaves END_HEADERS out; PAD=n pads; PRIORITY on HEADERS adds a priority.
 */
export function encodeLine(line: string): Uint8Array {
  const [word, ...rest] = line.trim().split(/\s+/);
  if (word === 'HEX') return hex(rest.join(''));
  if (word === 'TEXT') return ascii(JSON.parse(`"${line.trim().slice(5)}"`));
  if (word === 'FRAME') {
    return frame(Number(rest[0]), Number(rest[1]), Number(rest[2]), hex(rest.slice(3).join('')));
  }
  const type = TYPES.indexOf(word);
  if (type < 0) throw new Error(`no frame ${word}`);
  const flag = (name: string, bit: number): number => (rest.includes(name) ? bit : 0);
  const plain = rest.filter((item) => !/^(END_STREAM|MORE|ACK|PRIORITY|PAD=\d+)$/.test(item));
  const pad = rest.find((item) => item.startsWith('PAD='));
  const id = Number(plain[0] ?? 0);
  switch (word) {
    case 'DATA': {
      const payload = new Uint8Array(Number(plain[1])).fill(0x61);
      return frame(type, flag('END_STREAM', 1) | (pad === undefined ? 0 : 8), id, padded(payload, pad));
    }
    case 'HEADERS':
    case 'CONTINUATION': {
      const block = literalBlock(plain.slice(1).map(splitField));
      const priority = hex(rest.includes('PRIORITY') ? '0000000010' : '');
      const payload = padded(concat([priority, block]), pad);
      const flags = flag('END_STREAM', 1) | (4 - flag('MORE', 4)) | flag('PRIORITY', 0x20);
      return frame(type, flags | (pad === undefined ? 0 : 8), id, payload);
    }
    case 'PRIORITY':
      return frame(type, 0, id, hex('0000000010'));
    case 'RST_STREAM':
      return frame(type, 0, id, Uint8Array.from(octetsOf(errorCode(plain[1]), 4)));
    case 'SETTINGS':
      return frame(type, flag('ACK', 1), 0, concat(plain.map(setting)));
    case 'PUSH_PROMISE': {
      const promised = Uint8Array.from(octetsOf(Number(plain[1]), 4));
      return frame(type, 4, id, concat([promised, literalBlock(plain.slice(2).map(splitField))]));
    }
    case 'PING':
      return frame(type, flag('ACK', 1), 0, Uint8Array.from(octetsOf(id, 8)));
    case 'GOAWAY': {
      const code = octetsOf(errorCode(plain[1]), 4);
      return frame(
        type,
        0,
        0,
        concat([Uint8Array.from([...octetsOf(id, 4), ...code]), ascii(plain.slice(2).join(' '))]),
      );
    }
    default:
      return frame(type, 0, id, Uint8Array.from(octetsOf(Number(plain[1]), 4)));
  }
}

function padded(payload: Uint8Array, pad: string | undefined): Uint8Array {
  if (pad === undefined) return payload;
  const octets = Number(pad.slice(4));
  return concat([Uint8Array.of(octets), payload, new Uint8Array(octets)]);
}

/** `name=value`; JSON escapes stand for what a line cannot hold, `\u0020` for a space. */
function splitField(text: string): readonly [string, string] {
  const at = text.indexOf('=', 1);
  return [unescaped(text.slice(0, at)), unescaped(text.slice(at + 1))];
}

function unescaped(text: string): string {
  return text.includes('\\') ? JSON.parse(`"${text}"`) : text;
}

function setting(text: string): Uint8Array {
  const [name, value] = text.split('=');
  const known = SETTING_NAMES.indexOf(name);
  return Uint8Array.from([...octetsOf(known < 0 ? Number(name) : known, 2), ...octetsOf(Number(value), 4)]);
}

/** Cuts output into frames and writes each as a line, in the spelling of `encodeLine`. */
export class OutputText {
  #carry: Uint8Array = new Uint8Array(0);
  #block: Uint8Array[] = [];
  readonly #decoder = new HeaderDecoder(4096, 1_000_000);
  /** The payloads of DATA frames, joined. */
  data: Uint8Array[] = [];

  lines(octets: Uint8Array): string[] {
    this.#carry = concat([this.#carry, octets]);
    const lines: string[] = [];
    if (this.#carry[0] === PREFACE[0] && this.#carry.length >= PREFACE.length) {
      lines.push('PREFACE');
      this.#carry = this.#carry.subarray(PREFACE.length);
    }
    while (this.#carry.length >= 9) {
      const end = 9 + uint(this.#carry, 0, 3);
      if (this.#carry.length < end) break;
      lines.push(this.#line(this.#carry.subarray(0, end)));
      this.#carry = this.#carry.subarray(end);
    }
    return lines;
  }

  #line(octets: Uint8Array): string {
    const { 3: type, 4: flags } = octets;
    const id = uint(octets, 5, 4);
    const payload = octets.subarray(9);
    const name = TYPES[type];
    const endStream = (flags & 1) !== 0 ? ' END_STREAM' : '';
    switch (name) {
      case 'DATA':
        this.data.push(payload);
        return `DATA ${id} ${payload.length}${endStream}`;
      case 'HEADERS':
      case 'CONTINUATION':
        return `${name} ${id}${this.#fields(payload, (flags & 4) !== 0)}${name === 'HEADERS' ? endStream : ''}`;
      case 'RST_STREAM':
        return `RST_STREAM ${id} ${errorCodeName(uint(payload, 0, 4))}`;
      case 'SETTINGS':
        return ['SETTINGS', ...((flags & 1) !== 0 ? ['ACK'] : []), ...settingsOf(payload)].join(' ');
      case 'PING':
        return `PING${(flags & 1) !== 0 ? ' ACK' : ''} ${uint(payload, 0, 8)}`;
      case 'GOAWAY': {
        const text = String.fromCharCode(...payload.subarray(8));
        return `GOAWAY ${uint(payload, 0, 4)} ${errorCodeName(uint(payload, 4, 4))} ${text}`.trim();
      }
      case 'WINDOW_UPDATE':
        return `WINDOW_UPDATE ${id} ${uint(payload, 0, 4)}`;
      default:
        throw new Error(`${name ?? type} in the output`);
    }
  }

  #fields(fragment: Uint8Array, isLast: boolean): string {
    this.#block.push(fragment.slice());
    if (!isLast) return ` MORE`;
    const block = concat(this.#block);
    this.#block = [];
    const fields = this.#decoder.decode(block, 0, block.length);
    let text = '';
    for (let i = 0; i < fields.length; i += 2) text += ` ${fields[i]}=${fields[i + 1]}`;
    return text;
  }
}

function settingsOf(payload: Uint8Array): string[] {
  const settings: string[] = [];
  for (let at = 0; at < payload.length; at += 6) {
    settings.push(`${SETTING_NAMES[uint(payload, at, 2)]}=${uint(payload, at + 2, 4)}`);
  }
  return settings;
}
