// An extension as it is on the wire: by what it extends and its number.

export interface ExtensionNumber {
  /** Full name of the message that it extends. */
  readonly containingType: string;
  readonly extensionNumber: number;
}

/** `a.b.C 100` */
export function keyOfExtension({ containingType, extensionNumber }: ExtensionNumber): string {
  return `${containingType} ${extensionNumber}`;
}
