/**
 * Removes a board's secrets from the value of an expression. The board itself removes them, so that they never come over the
 * line. It does not recognize encoded secrets (bytes as numbers, base64): a person with access to the line controls the board
 * anyway.
 */
import { CONFIGURATION_FILES } from "../../firmware/contract/configuration.ts";
import { MotekitError } from "../errors.ts";

/** The file of Espruino that `Wifi.save()` writes. */
const WIFI_FILE = ".wificfg";
/** The files that contain passwords. */
export const SECRET_FILES: readonly string[] = [...CONFIGURATION_FILES, WIFI_FILE];

/** Calls such as `Wifi.getDetails()` return the password. */
const GIVES_SECRETS = /mk\.cfg|wificfg|getDetails|getAPDetails/;
/** Shorter secrets would match in any text. */
const SECRET_LENGTH_MIN = 4;
/** The replacement for a secret. */
export const HIDDEN_ON_BOARD = "****";

/** @throws MK1709 if an expression names a source of secrets. */
export function refuseSecretSource(expression: string, port: string): void {
  const found = GIVES_SECRETS.exec(expression);
  if (!found) return;
  throw new MotekitError({
    code: "MK1709",
    message: `The expression was not sent to ${port}, because "${found[0]}" would reveal passwords.`,
    remedy: "Use `motekit configure --show`, which shows the configuration without passwords.",
  });
}

/**
 * Wraps an expression so that it returns the text of its value without secrets. `format` converts the value to text: `E.toJS`
 * or `JSON.stringify`.
 */
export function withoutSecrets(expression: string, format: "E.toJS" | "JSON.stringify"): string {
  return (
    `(function(t,s){s=require("Storage");` +
    // Each secret is hidden as written in its file, unescaped, and as either appears in a literal.
    `function hide(r,p){if(r.length<${SECRET_LENGTH_MIN}||t===undefined)return;p=JSON.parse('"'+r+'"');` +
    `[r,p,E.toJS(r),E.toJS(p),JSON.stringify(r),JSON.stringify(p)].forEach(function(x,i){` +
    // On the board, split() with a separator longer than the text returns nothing.
    `if(i>1)x=x.slice(1,-1);if(t.indexOf(x)>=0)t=t.split(x).join("${HIDDEN_ON_BOARD}")})}` +
    `${JSON.stringify(SECRET_FILES)}.forEach(function(f){` +
    `['password":"','"key":"'].forEach(function(m){(s.read(f)||"").split(m).slice(1).forEach(function(r,e){` +
    `for(e=0;e<r.length&&r[e]!='"';e++)if(r[e]=="\\\\")e++;hide(r.substr(0,e))})})});` +
    `return t})(${format}((${expression}\n)))`
  );
}
