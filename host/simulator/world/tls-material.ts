/**
 * Reads key and certificates of `require("tls").connect` as Espruino does: DER as a byte string, or a function that returns it.
 * A string of at most 100 bytes is a file name, but there are no files here.
 */
import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import { toBytes } from "../interpreter/byte-strings.ts";
import type { Callback, Interpreter } from "../interpreter/interpreter.ts";

/** Key and certificates in PEM, for Node. */
export interface TlsMaterial {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

const FILE_NAME_LENGTH_MAX = 100;
const KEY_TYPES = ["pkcs8", "pkcs1", "sec1"] as const;

export interface MaterialHost {
  readonly interpreter: Interpreter;
  printLine(line: string): void;
}

/** @throws the board's errors, in the interpreter's realm. */
export function readTlsMaterial(
  host: MaterialHost,
  options: { readonly ca?: unknown; readonly cert?: unknown; readonly key?: unknown },
): TlsMaterial {
  const read = (value: unknown, what: string, pem: (der: Buffer) => string): string | undefined => {
    if (value === undefined) return undefined;
    const der = toBytes(String(contentOf(host, value)));
    try {
      return pem(Buffer.from(der));
    } catch {
      throw host.interpreter.error(`HTTPS init failed! ${what}: Invalid format`);
    }
  };
  const ca = read(options.ca, "mbedtls_x509_crt_parse of 'ca'", certificatePem);
  const cert = read(options.cert, "mbedtls_x509_crt_parse of 'cert'", certificatePem);
  const key = read(options.key, "mbedtls_pk_parse_key", keyPem);
  return { ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) };
}

function contentOf({ interpreter, printLine }: MaterialHost, value: unknown): unknown {
  if (typeof value === "function") return (value as Callback)();
  if (typeof value !== "string" || value.length > FILE_NAME_LENGTH_MAX) return value;
  printLine(`WARNING: File ${JSON.stringify(value)} not found`);
  throw interpreter.error("Could not open file : UNKNOWN");
}

function certificatePem(der: Buffer): string {
  return new X509Certificate(der).toString();
}

function keyPem(der: Buffer): string {
  const keys = KEY_TYPES.flatMap((type): KeyObject[] => {
    try {
      return [createPrivateKey({ key: der, format: "der", type })];
    } catch {
      return [];
    }
  });
  if (!keys[0]) throw new Error("no private key");
  return keys[0].export({ type: "pkcs8", format: "pem" }) as string;
}
