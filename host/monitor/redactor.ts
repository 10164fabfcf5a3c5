/** Takes secrets out of a console's lines: those that are known, and those that stand behind the word password. */

const HIDDEN = "••••";
/** Shorter ones would be found in any text. */
const SECRET_LENGTH_MIN = 4;
const NAME = "(?:password|passwd|passphrase|pass|secret|token)";
/** `password: "…"`, `"password":"…"`, `pass='…'`. */
const NAMED = new RegExp(`(${NAME}["']?\\s*[:=]\\s*)("(?:[^"\\\\]|\\\\.)*"|'(?:[^'\\\\]|\\\\.)*')`, "gi");
/** `password=…`, up to the next space or mark. Behind a colon without quotes stands as often what is wrong with it. */
const ASSIGNED = new RegExp(`(${NAME}=)[^\\s"',;&)}\\]]+`, "gi");

/** `secrets` are hidden wherever they stand, also escaped as in a string literal. */
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
