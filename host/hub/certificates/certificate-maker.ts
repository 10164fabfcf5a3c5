/**
 * Makes certificates (X.509, RSA of 2,048 bits, SHA-256). It uses RSA because Espruino does not support elliptic curves in
 * certificates. It reads and writes no files.
 */
import "reflect-metadata";
import { randomBytes, webcrypto } from "node:crypto";
import { isIP } from "node:net";
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  cryptoProvider,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  type Extension,
  type JsonGeneralName,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
} from "@peculiar/x509";

cryptoProvider.set(webcrypto);

const ALGORITHM = {
  name: "RSASSA-PKCS1-v1_5",
  hash: "SHA-256",
  publicExponent: new Uint8Array([1, 0, 1]),
  modulusLength: 2_048,
} as const;

const DAY_MS = 24 * 60 * 60 * 1000;
const AUTHORITY_DAYS = 3_650;
/** Browsers and operating systems accept at most 825 days for a server. */
const SERVER_DAYS = 820;
const DEVICE_DAYS = 3_650;
/** Certificates are valid from a day before now, because a board's clock may be behind. */
const BACKDATED_MS = DAY_MS;
const SERIAL_BYTES = 16;

/** A certificate and its private key (PKCS #8), both in PEM. */
export interface CertifiedKey {
  readonly certificatePem: string;
  readonly keyPem: string;
}

/** Makes a self-signed certificate authority. */
export async function makeAuthority(commonName: string, now: Date): Promise<CertifiedKey> {
  const keys = await generateKeys();
  const certificate = await X509CertificateGenerator.createSelfSigned({
    ...validity(now, AUTHORITY_DAYS),
    name: [{ CN: [commonName] }],
    keys,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return certifiedKey(certificate, keys);
}

/** Makes a certificate for a server with these names and IP addresses. */
export async function makeServerCertificate(
  authority: CertifiedKey,
  names: readonly string[],
  now: Date,
): Promise<CertifiedKey> {
  const alternatives = names.map(
    (name): JsonGeneralName => ({ type: isIP(name) === 0 ? "dns" : "ip", value: name }),
  );
  return makeLeaf(authority, names[0] ?? "localhost", now, SERVER_DAYS, [
    new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
    new SubjectAlternativeNameExtension(alternatives),
  ]);
}

/** Makes a certificate for a device, whose name is the common name. */
export function makeDeviceCertificate(
  authority: CertifiedKey,
  commonName: string,
  now: Date,
): Promise<CertifiedKey> {
  const purpose = new ExtendedKeyUsageExtension([ExtendedKeyUsage.clientAuth]);
  return makeLeaf(authority, commonName, now, DEVICE_DAYS, [purpose]);
}

async function makeLeaf(
  authority: CertifiedKey,
  commonName: string,
  now: Date,
  days: number,
  extensions: readonly Extension[],
): Promise<CertifiedKey> {
  const issuer = new X509Certificate(authority.certificatePem);
  const keys = await generateKeys();
  const certificate = await X509CertificateGenerator.create({
    ...validity(now, days),
    subject: [{ CN: [commonName] }],
    issuer: issuer.subjectName,
    publicKey: keys.publicKey,
    signingKey: await importKey(authority.keyPem),
    signingAlgorithm: ALGORITHM,
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature | KeyUsageFlags.keyEncipherment, true),
      await AuthorityKeyIdentifierExtension.create(await issuer.publicKey.export()),
      ...extensions,
    ],
  });
  return certifiedKey(certificate, keys);
}

function validity(now: Date, days: number): { serialNumber: string; notBefore: Date; notAfter: Date } {
  const serial = randomBytes(SERIAL_BYTES);
  // A serial number is positive [RFC 5280, 4.1.2.2].
  serial[0] = (serial[0] as number) & 0x7f;
  return {
    serialNumber: serial.toString("hex"),
    notBefore: new Date(now.getTime() - BACKDATED_MS),
    notAfter: new Date(now.getTime() + days * DAY_MS),
  };
}

function generateKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(ALGORITHM, true, [
    "sign",
    "verify",
  ]) as Promise<webcrypto.CryptoKeyPair>;
}

function importKey(pem: string): Promise<webcrypto.CryptoKey> {
  const der = PemConverter.decodeFirst(pem);
  return webcrypto.subtle.importKey("pkcs8", der, ALGORITHM, false, ["sign"]) as Promise<webcrypto.CryptoKey>;
}

async function certifiedKey(
  certificate: X509Certificate,
  keys: webcrypto.CryptoKeyPair,
): Promise<CertifiedKey> {
  const key = await webcrypto.subtle.exportKey("pkcs8", keys.privateKey);
  return {
    certificatePem: `${certificate.toString("pem")}\n`,
    keyPem: `${PemConverter.encode(key, "PRIVATE KEY")}\n`,
  };
}
