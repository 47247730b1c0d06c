// An observer that sees each frame, in both directions, and changes nothing. Types only.

export interface FrameTap {
  /** A whole frame; its payload is `bytes[start, end)`, valid during the call. */
  onFrame(
    direction: 'sent' | 'received',
    type: number,
    flags: number,
    streamId: number,
    bytes: Uint8Array,
    start: number,
    end: number,
  ): void;
}
