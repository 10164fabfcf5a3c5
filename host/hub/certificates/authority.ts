/**
 * The hub's certificate authority for development. It is made on first use and kept in the hub's folder. Clients trust it only
 * after its certificate was installed. It issues the certificates of the hub's server and of devices.
 *
 *     certificates/ca.crt       the certificate for clients
 *     certificates/ca.key       the private key, which only its owner may read
 *     certificates/server.pem   the hub's key and certificate; renewed when names change, and before it expires
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
/** The time before its expiry at which the server's certificate is renewed. */
const RENEWAL_MS = 30 * 24 * 60 * 60 * 1000;

export interface Authority extends CertifiedKey {
  /** The certificate's path. */
  readonly certificateFile: string;
}

/** The certificate and key of a device for mutual TLS. The hub does not store the key. */
export interface DeviceCertificate extends CertifiedKey {
  /** The certificate's SHA-256, in the form of `PeerCertificate.fingerprint`. */
  readonly fingerprint: string;
}

/**
 * Opens the authority of a hub's folder, or creates it. Two hubs that start at the same time get the same.
 * @throws MotekitError MK1420 it cannot be written, MK1421 it cannot be read, MK1422 key and certificate do not match.
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
    // Another hub created its authority first, which is used instead.
    if (existsSync(join(folder, CERTIFICATE))) return;
    throw cannotWrite(folder, cause);
  }
}

/** The key and certificate of the hub's server, for the names and addresses that this machine has now. */
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

/** Issues a new certificate for mutual TLS. */
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
 * Reads a certificate, which its chain may follow, and its private key from two files.
 * @throws MotekitError MK1421 a file cannot be read or is not PEM, MK1422 they do not match.
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
        "Use a certificate and a key that belong together. To renew the hub's own, move the folder away and restart the hub.",
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
        remedy: "Check the path and its permissions.",
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
        message: `${file} is not a ${what} in PEM format (${(cause as Error).message}).`,
        where: { file },
        remedy: `Use a file that begins with "-----BEGIN …" and has no passphrase.`,
      },
      { cause },
    );
  }
}

/** Returns undefined if there is no usable certificate, which is then made again. */
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
    // It is damaged, and can be replaced at any time.
    return false;
  }
  const isOurs = certificate.verify(new X509Certificate(authority.certificatePem).publicKey);
  const hasTime = new Date(certificate.validTo).getTime() - now.getTime() > RENEWAL_MS;
  const isFor = (name: string) => certificate.checkHost(name) ?? certificate.checkIP(name);
  return isOurs && hasTime && names.every((name) => isFor(name) !== undefined);
}

/** The names and addresses by which clients on this machine or its network reach the hub. */
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
      remedy: "Choose another folder with --data, or change the permissions of this one.",
    },
    { cause },
  );
}
