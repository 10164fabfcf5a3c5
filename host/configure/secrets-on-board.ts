/**
 * Keeps a board's secrets out of what an expression gives back: the board itself takes them out, so that they never come
 * over the line. What a program has made of a secret (its bytes as numbers, or in base64) it does not know again; whoever
 * holds the line holds the board.
 */
import { CONFIGURATION_FILES } from "../../firmware/contract/configuration.ts";
import { MotekitError } from "../errors.ts";

/** Espruino's own, written by `Wifi.save()`. */
const WIFI_FILE = ".wificfg";
/** Files that hold passwords. */
export const SECRET_FILES: readonly string[] = [...CONFIGURATION_FILES, WIFI_FILE];

/** `Wifi.getDetails()` and the like hold the password. */
const GIVES_SECRETS = /mk\.cfg|wificfg|getDetails|getAPDetails/;
/** Shorter ones would be found in any text. */
const SECRET_LENGTH_MIN = 4;
/** What stands in a secret's place. */
export const HIDDEN_ON_BOARD = "****";

/** @throws MK1709 where an expression asks for what holds secrets, by name. */
export function refuseSecretSource(expression: string, port: string): void {
  const found = GIVES_SECRETS.exec(expression);
  if (!found) return;
  throw new MotekitError({
    code: "MK1709",
    message: `The expression was not sent to ${port}: "${found[0]}" gives passwords away.`,
    remedy: "`motekit configure --show` tells the configuration without them.",
  });
}

/**
 * An expression for the text of another's value, without secrets. `format` is what makes the text: `E.toJS` or
 * `JSON.stringify`.
 */
export function withoutSecrets(expression: string, format: "E.toJS" | "JSON.stringify"): string {
  return (
    `(function(t,s){s=require("Storage");` +
    // As it stands in its file, as it is, and as either stands in a literal.
    `function hide(r,p){if(r.length<${SECRET_LENGTH_MIN}||t===undefined)return;p=JSON.parse('"'+r+'"');` +
    `[r,p,E.toJS(r),E.toJS(p),JSON.stringify(r),JSON.stringify(p)].forEach(function(x,i){` +
    // A text splits into nothing there where the separator is the longer one.
    `if(i>1)x=x.slice(1,-1);if(t.indexOf(x)>=0)t=t.split(x).join("${HIDDEN_ON_BOARD}")})}` +
    `${JSON.stringify(SECRET_FILES)}.forEach(function(f){` +
    `['password":"','"key":"'].forEach(function(m){(s.read(f)||"").split(m).slice(1).forEach(function(r,e){` +
    `for(e=0;e<r.length&&r[e]!='"';e++)if(r[e]=="\\\\")e++;hide(r.substr(0,e))})})});` +
    `return t})(${format}((${expression}\n)))`
  );
}
