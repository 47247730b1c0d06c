// Which numbers a field may have (protobuf.dev/programming-guides/proto3#assigning).

export const MAX_FIELD_NUMBER: number = 2 ** 29 - 1;
/** A MessageSet has no fields, and its extensions may have larger numbers. */
export const MAX_MESSAGE_SET_NUMBER: number = 2 ** 31 - 1;
/** The first and the last of the numbers that protobuf reserves for itself. */
export const FIRST_RESERVED_NUMBER = 19_000;
export const LAST_RESERVED_NUMBER = 19_999;

export function isReservedNumber(number: number): boolean {
  return number >= FIRST_RESERVED_NUMBER && number <= LAST_RESERVED_NUMBER;
}
