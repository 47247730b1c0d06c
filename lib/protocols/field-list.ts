// Header fields of a response, as adapters change them.

/** RFC 9110 §5.6.2, in lower case. */
const NAME = /^[a-z0-9!#$%&'*+.^_`|~-]+$/;
/** RFC 9110 §5.5, an octet a character. */
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

/** Whether a name and a value may stand in a header field. */
export function isField(name: string, value: string): boolean {
  return NAME.test(name) && VALUE.test(value);
}

/** `application/json` of `application/json; charset=utf-8`, in lower case. */
export function mediaType(contentType: string | undefined): string {
  const [type] = (contentType ?? '').split(';', 1);
  return type.trim().toLowerCase();
}
