// Which metadata debug and verbose output must not show, since such text is pasted into issues and kept in logs that
// others read. Secrets are recognised by name, and, under an unfamiliar name, by what the value looks like.

/** Words that make a name a secret's, anywhere in it. */
const WORDS =
  /authori[sz]ation|authenticat|oauth|token|secret|passw|passphrase|pass-?code|pwd|credential|cookie|session|csrf|xsrf|jwt|bearer|assertion|signature|userinfo|client-?cert|dpop|hmac/;
/** Names of keys that open something. (`idempotency-key` opens nothing.) */
const KEYS =
  /(?:api|app|application|access|private|secret|shared|encryption|signing|master|subscription|functions?|account|client|auth|host|service|license|ingest|ingestion|team|write|read)[-_.]?key/;
/** Words that are too short to be looked for inside other words, and the prefixes of cloud providers. */
const PARTS =
  /(?:^|[-_.])(?:auth|authn|authz|sid|pin|otp|totp|mfa|key-id)(?:[-_.]|$)|^x-goog-|^x-amz-|^x-ms-/;

/** Schemes of HTTP authentication (RFC 9110 §11) and others in use, a JSON Web Token (RFC 7519), and a PEM block. */
const SCHEMES =
  /^(?:bearer|basic|digest|negotiate|ntlm|hmac|hoba|mutual|aws4-hmac-sha256|token|dpop|api-?key)\s|^eyJ[\w-]{8,}\.|^-----BEGIN /i;
/** Keys whose prefix tells whose they are (GitHub, GitLab, Slack, Google, AWS, Stripe and the like). */
const SHAPES =
  /^(?:gh[a-z]_|github_pat_|glpat-|xox[a-z]-|ya29\.|AIza|AKIA|ASIA|sk-|[sr]k_(?:live|test)_)[\w.-]{10,}$/;
/**
 * URLs that grant access by themselves: with a signature or key among the parameters, or a password before the host.
 */
const URLS =
  /[?&](?:[\w-]*(?:sig|signature|token|secret|password|credential)|key|api_?key)=|:\/\/[^/\s:@]*:[^/\s@]+@/i;

/** Shown in place of a secret value. */
export const REDACTED = '<redacted>';

/** Whether a metadata value is likely to be a secret. The name must be in lower case, as Metadata keeps it. */
export function isSecret(name: string, value: string | Uint8Array): boolean {
  if (WORDS.test(name) || KEYS.test(name) || PARTS.test(name)) return true;
  return typeof value === 'string' && (SCHEMES.test(value) || SHAPES.test(value) || URLS.test(value));
}
