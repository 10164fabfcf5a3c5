/** Hides secrets in a console's lines: known ones, and values that follow a word such as password. */

const HIDDEN = "••••";
/** Shorter secrets would match in any text. */
const SECRET_LENGTH_MIN = 4;
const NAME = "(?:password|passwd|passphrase|pass|secret|token)";
/** `password: "…"`, `"password":"…"`, `pass='…'`. */
const NAMED = new RegExp(`(${NAME}["']?\\s*[:=]\\s*)("(?:[^"\\\\]|\\\\.)*"|'(?:[^'\\\\]|\\\\.)*')`, "gi");
/** `password=…`, up to the next space or punctuation. After a colon, an unquoted text is often an error message instead. */
const ASSIGNED = new RegExp(`(${NAME}=)[^\\s"',;&)}\\]]+`, "gi");

/** Returns a function that hides secrets in a line. `secrets` are hidden everywhere, also escaped as in a string literal. */
export function createRedactor(secrets: readonly string[]): (line: string) => string {
  const known = secrets
    .filter((secret) => secret.length >= SECRET_LENGTH_MIN)
    .flatMap((secret) => [secret, JSON.stringify(secret).slice(1, -1)])
    .sort((one, other) => other.length - one.length);
  return (line) => {
    const named = line
      .replace(NAMED, (_, name: string, value: string) => `${name}${value[0]}${HIDDEN}${value[0]}`)
      .replace(ASSIGNED, `$1${HIDDEN}`);
    return known.reduce((text, secret) => text.replaceAll(secret, HIDDEN), named);
  };
}
