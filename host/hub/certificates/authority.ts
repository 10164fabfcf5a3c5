/**
 * The hub's own certificate authority, for development: made on first use, kept in the hub's folder, and trusted by nobody
 * who was not told to. It vouches for the hub's server, and for devices.
 *
 *     certificates/ca.crt       to be given to clients
 *     certificates/ca.key       for its owner alone
 *     certificates/server.pem   the hub's key and certificate; made again when names change, or in time before it ends
 */
import { createPrivateKey, X509Certificate } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { hostname, networkInterfaces } from "node:os";
import { join } from "node:path";
import { MotekitError } from "../../errors.ts";
import { makeHubFolder, replaceFile } from "../folder/hub-folder.ts";
import type { CertifiedKey } from "./certificate-maker.ts";

const FOLDER = "certificates";
const CERTIFICATE = "ca.crt";
const KEY = "ca.key";
const SERVER = "server.pem";

const KEY_MODE = 0o600;
/** A server's certificate is made again so long before its end. */
const RENEWAL_MS = 30 * 24 * 60 * 60 * 1000;

export interface Authority extends CertifiedKey {
  /** The certificate's path. */
  readonly certificateFile: string;
}

/** What a device needs for mutual TLS. The key is kept nowhere. */
export interface DeviceCertificate extends CertifiedKey {
  /** SHA-256 of the certificate, as `PeerCertificate.fingerprint`. */
  readonly fingerprint: string;
}

/**
 * The authority of a hub's folder; a new one where there is none. Two hubs that start at once get the same.
 * @throws MotekitError MK1420 it cannot be written, MK1421 it cannot be read, MK1422 its key is not its certificate's.
 */
export async function openAuthority(hubFolder: string, now = new Date()): Promise<Authority> {
  const folder = join(hubFolder, FOLDER);
  if (!existsSync(join(folder, CERTIFICATE))) await createAuthority(hubFolder, folder, now);
  const certificateFile = join(folder, CERTIFICATE);
  const authority = readCertifiedKey(certificateFile, join(folder, KEY));
  return { ...authority, certificateFile };
}

async function createAuthority(hubFolder: string, folder: string, now: Date): Promise<void> {
  const { makeAuthority } = await import("./certificate-maker.ts");
  const made = await makeAuthority(`motekit development CA of ${hostname()}`, now);
  let unfinished: string | undefined;
  try {
    makeHubFolder(hubFolder);
    unfinished = mkdtempSync(`${folder}-`);
    writeFileSync(join(unfinished, CERTIFICATE), made.certificatePem);
    writeFileSync(join(unfinished, KEY), made.keyPem, { mode: KEY_MODE });
    renameSync(unfinished, folder);
  } catch (cause) {
    if (unfinished !== undefined) rmSync(unfinished, { recursive: true, force: true });
    // Another hub was quicker, and its authority is as good.
    if (existsSync(join(folder, CERTIFICATE))) return;
    throw cannotWrite(folder, cause);
  }
}

/** The hub's own key and certificate, by the names and addresses that this machine has now. */
export async function serverCertificate(hubFolder: string, now = new Date()): Promise<CertifiedKey> {
  const authority = await openAuthority(hubFolder, now);
  const file = join(hubFolder, FOLDER, SERVER);
  const names = ownNames();
  const kept = readServerPem(file);
  if (kept && isGood(kept, authority, names, now)) return kept;
  const { makeServerCertificate } = await import("./certificate-maker.ts");
  const made = await makeServerCertificate(authority, names, now);
  try {
    replaceFile(file, made.keyPem + made.certificatePem);
  } catch (cause) {
    throw cannotWrite(file, cause);
  }
  return made;
}

/** A certificate for mutual TLS; each call makes another. */
export async function issueDeviceCertificate(
  hubFolder: string,
  commonName: string,
  now = new Date(),
): Promise<DeviceCertificate> {
  const authority = await openAuthority(hubFolder, now);
  const { makeDeviceCertificate } = await import("./certificate-maker.ts");
  const made = await makeDeviceCertificate(authority, commonName, now);
  return { ...made, fingerprint: new X509Certificate(made.certificatePem).fingerprint256 };
}

/**
 * A certificate, with those of its chain behind it, and its key, of two files.
 * @throws MotekitError MK1421 one cannot be read or is none, MK1422 they do not belong together.
 */
export function readCertifiedKey(certificateFile: string, keyFile: string): CertifiedKey {
  const certificatePem = readText(certificateFile, "certificate");
  const keyPem = readText(keyFile, "key");
  const certificate = parse(certificateFile, "certificate", () => new X509Certificate(certificatePem));
  const key = parse(keyFile, "private key", () => createPrivateKey(keyPem));
  if (!certificate.checkPrivateKey(key)) {
    throw new MotekitError({
      code: "MK1422",
      message: `The private key ${keyFile} does not belong to the certificate ${certificateFile}.`,
      where: { file: keyFile },
      remedy:
        "Give the two that were made together; the hub's own are made anew if you move that folder away.",
    });
  }
  return { certificatePem, keyPem };
}

function readText(file: string, what: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    throw new MotekitError(
      {
        code: "MK1421",
        message: `The ${what} ${file} cannot be read: ${(cause as Error).message}.`,
        where: { file },
        remedy: "Check the path, and who may read it.",
      },
      { cause },
    );
  }
}

function parse<Value>(file: string, what: string, read: () => Value): Value {
  try {
    return read();
  } catch (cause) {
    throw new MotekitError(
      {
        code: "MK1421",
        message: `${file} is no ${what} in PEM (${(cause as Error).message}).`,
        where: { file },
        remedy: `Give a file that has "-----BEGIN …" and no passphrase.`,
      },
      { cause },
    );
  }
}

/** Undefined where there is none that can be used: it is made anew then. */
function readServerPem(file: string): CertifiedKey | undefined {
  if (!existsSync(file)) return undefined;
  const pem = readText(file, "server's certificate");
  const start = pem.indexOf("-----BEGIN CERTIFICATE-----");
  if (start <= 0) return undefined;
  return { keyPem: pem.slice(0, start), certificatePem: pem.slice(start) };
}

function isGood(kept: CertifiedKey, authority: CertifiedKey, names: readonly string[], now: Date): boolean {
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(kept.certificatePem);
    if (!certificate.checkPrivateKey(createPrivateKey(kept.keyPem))) return false;
  } catch {
    // Damaged, and replaceable: it vouches for nothing by itself.
    return false;
  }
  const isOurs = certificate.verify(new X509Certificate(authority.certificatePem).publicKey);
  const hasTime = new Date(certificate.validTo).getTime() - now.getTime() > RENEWAL_MS;
  const isFor = (name: string) => certificate.checkHost(name) ?? certificate.checkIP(name);
  return isOurs && hasTime && names.every((name) => isFor(name) !== undefined);
}

/** By which a client on this machine or its network reaches it. */
function ownNames(): string[] {
  const addresses = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
  const machine = hostname().toLowerCase();
  return [
    ...new Set([
      "localhost",
      machine,
      `${machine}.local`,
      ...addresses
        .filter(({ family, internal }) => family === "IPv4" && !internal)
        .map(({ address }) => address),
      "127.0.0.1",
      "::1",
    ]),
  ];
}

function cannotWrite(path: string, cause: unknown): MotekitError {
  return new MotekitError(
    {
      code: "MK1420",
      message: `The hub's certificates cannot be written to ${path}: ${(cause as Error).message}.`,
      where: { file: path },
      remedy: "Choose another folder with --data, or mend who may write to this one.",
    },
    { cause },
  );
}
