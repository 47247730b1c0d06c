// Says what answered when it was not an HTTP/2 server: one line with what to try.

/**
 * What the first octets of a peer show it to be, or undefined when they look like HTTP/2.
 * @param octets what the peer sent first, as far as it came
 */
export function describeWrongPeer(octets: Uint8Array, isTls: boolean): string | undefined {
  if (octets.length === 0) return undefined;
  const text = String.fromCharCode(...octets.subarray(0, 80));
  const line = (/^[^\r\n]*/.exec(text)?.[0] ?? '').replace(/[^\x20-\x7e]/g, '?').slice(0, 60);
  if (/^HTTP\/[01]\.\d/.test(text)) {
    return `an HTTP/1.1 server answered (${JSON.stringify(line)}), which does not speak gRPC; ${
      isTls ? 'check the port' : 'check the port, and whether it wants TLS (an https:// target)'
    }`;
  }
  if (text.startsWith('SSH-')) {
    return `an SSH server answered (${JSON.stringify(line)}); check the port`;
  }
  // A TLS record (RFC 8446 §5.1): alert 0x15 or handshake 0x16, then version 3.x.
  if ((octets[0] === 0x15 || octets[0] === 0x16) && octets[1] === 0x03) {
    return isTls
      ? 'the server answered TLS inside TLS; check the port'
      : 'a TLS server answered, but this client connected in plaintext; use an https:// target, or the option tls';
  }
  // A settings frame has a length below 2^14 and type 4 (RFC 9113 §3.4); it may have been cut off.
  if (octets[0] === 0 && (octets.length < 4 || octets[3] === 4)) return undefined;
  if (/^\s*[{[]\s*["\]}{]/.test(text)) {
    return `JSON answered (${JSON.stringify(line)}), not gRPC; check the port`;
  }
  if (/^\s*<(?:!doctype|html|\?xml)/i.test(text)) {
    return `a page answered (${JSON.stringify(line)}), not gRPC; check the port, and proxies on the way`;
  }
  if (/^[\t\n\r -~]{4}|^[\t\n\r -~]+$/.test(text)) {
    return `something that is not HTTP/2 answered (${JSON.stringify(line)}); check the port`;
  }
  const hex = [...octets.subarray(0, 8)].map((octet) => octet.toString(16).padStart(2, '0')).join(' ');
  return `something that is not HTTP/2 answered (first bytes ${hex}); check the port`;
}
