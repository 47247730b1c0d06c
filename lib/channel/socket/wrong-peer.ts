// Says what answered when it was not an HTTP/2 server, or not one of HTTP/1.1: one line with what to try.

import { advice } from '../../values/options/option-words.ts';
import { looksLikeMarkup, pageText, quoted, saysTls } from '../../values/text/page-text.ts';

/**
 * What the first octets of a peer show it to be, or undefined when they look like what was to be spoken.
 * @param octets what the peer sent first, as far as it came
 * @param httpVersion what was to be spoken; with `auto` HTTP/2 was, and HTTP/1.1 would do
 */
export function describeWrongPeer(
  octets: Uint8Array,
  isTls: boolean,
  httpVersion: '1.1' | '2' | 'auto' = '2',
): string | undefined {
  if (octets.length === 0) return undefined;
  const isHttp1 = httpVersion === '1.1';
  const text = String.fromCharCode(...octets.subarray(0, LOOKED_AT));
  const said = quoted(pageText(octets, false, false));
  if (/^HTTP\/[01]\.\d/.test(text)) {
    if (isHttp1) return undefined;
    const page = pageBehind(octets);
    const behind = page === '' ? '' : `; it says ${quoted(page)}`;
    const answered = `an HTTP/1.1 server answered (${firstLine(text)})`;
    if (!isTls && saysTls(page)) return `${answered}${behind}; ${advice().useTls}`;
    const tls = isTls ? [] : ['whether it wants TLS (an https:// target)'];
    if (httpVersion === 'auto') {
      const check = ['check the port', ...tls].join(', and ');
      return `${answered}, but this client spoke HTTP/2${behind}; ${advice().useHttp1}, or ${check}`;
    }
    const check = ['check the port', ...tls].join(', ');
    return `${answered}, which does not speak gRPC${behind}; ${check}, and whether a proxy on the way has HTTP/2 switched on`;
  }
  if (text.startsWith('SSH-')) {
    return `an SSH server answered (${firstLine(text)}); check the port`;
  }
  // A TLS record (RFC 8446 §5.1): alert 0x15 or handshake 0x16, then version 3.x.
  if ((octets[0] === 0x15 || octets[0] === 0x16) && octets[1] === 0x03) {
    return isTls
      ? 'the server answered TLS inside TLS; check the port'
      : `a TLS server answered, but this client connected in plaintext; ${advice().useTls}`;
  }
  // A settings frame has a length below 2^14 and type 4 (RFC 9113 §3.4); it may have been cut off.
  if (octets[0] === 0 && (octets.length < 4 || octets[3] === 4)) {
    return isHttp1
      ? `an HTTP/2 server answered, which does not speak HTTP/1.1; ${advice().useHttp2}`
      : undefined;
  }
  const wanted = isHttp1 ? 'HTTP/1.1' : httpVersion === 'auto' ? 'HTTP/2' : 'gRPC';
  const spoken = isHttp1 ? 'HTTP/1.1' : 'HTTP/2';
  if (/^\s*[{[]\s*["\]}{]/.test(text)) {
    return `JSON answered (${said}), not ${wanted}; check the port`;
  }
  if (looksLikeMarkup(text)) {
    return `a page answered (${said === '""' ? firstLine(text) : said}), not ${wanted}; check the port, and proxies on the way`;
  }
  if (said !== '""') return `something that is not ${spoken} answered (${said}); check the port`;
  const hex = [...octets.subarray(0, 8)].map((octet) => octet.toString(16).padStart(2, '0')).join(' ');
  const words = textIn(octets);
  const readable = words === '' ? '' : `, with the text ${quoted(words)}`;
  return `something that is not ${spoken} answered (first bytes ${hex}${readable}); check the port`;
}

/** Octets that tell what a peer is. */
const LOOKED_AT = 80;
const MAX_LINE = 60;
const MAX_WORDS = 100;

function firstLine(text: string): string {
  const line = /^[^\r\n]*/.exec(text)?.[0] ?? '';
  return JSON.stringify(line.replace(/[^\x20-\x7e]/g, '?').slice(0, MAX_LINE));
}

/** What the page of an HTTP/1 answer says, as far as it came with its head. */
function pageBehind(octets: Uint8Array): string {
  const text = Buffer.from(octets.buffer, octets.byteOffset, octets.length).toString('latin1');
  const end = text.indexOf('\r\n\r\n');
  if (end < 0) return '';
  let body = octets.subarray(end + 4);
  if (/^transfer-encoding:.*chunked/im.test(text.slice(0, end))) {
    const size = /^([0-9a-f]{1,6})[^\r\n]*\r\n/i.exec(text.slice(end + 4));
    if (size === null) return '';
    body = body.subarray(size[0].length, size[0].length + Number.parseInt(size[1], 16));
  }
  return pageText(body, false, false);
}

/** What among octets of another kind can be read, such as the version of a database. */
function textIn(octets: Uint8Array): string {
  const text = String.fromCharCode(...octets.subarray(0, 2 * MAX_WORDS));
  return (text.match(/[\x20-\x7e]{4,}/g) ?? []).join(' ').trim().slice(0, MAX_WORDS);
}
