/**
 * Converts certificates and keys from PEM to the form of a board's record, DER in base64. Espruino supports only RSA. It treats
 * a decoded text of up to 100 bytes as a file name, but certificates and keys are longer.
 */
import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import type { TlsCredentials } from "../../firmware/contract/configuration.ts";
import { CertificateError, type PemTexts } from "./pem-texts.ts";

/** The board holds each in memory while it connects. RSA of 4,096 bits takes some 2,400 bytes. */
const DER_SIZE_BYTES_MAX = 3_072;

/** @throws CertificateError. */
export function tlsCredentials({ ca, cert, key }: PemTexts): TlsCredentials {
  if (cert !== undefined && key === undefined)
    throw new CertificateError("cert", "was given without its private key.");
  if (key !== undefined && cert === undefined)
    throw new CertificateError("key", "was given without its certificate.");
  const certificate = cert === undefined ? undefined : readCertificate("cert", cert);
  const privateKey = key === undefined ? undefined : readKey(key);
  if (certificate && privateKey && !certificate.checkPrivateKey(privateKey)) {
    throw new CertificateError("key", "does not match the certificate.");
  }
  return {
    ...(ca !== undefined && { ca: inBase64("ca", readCertificate("ca", ca).raw) }),
    ...(privateKey && { key: inBase64("key", privateKey.export({ type: "pkcs1", format: "der" })) }),
    ...(certificate && { cert: inBase64("cert", certificate.raw) }),
  };
}

function readCertificate(part: "ca" | "cert", pem: string): X509Certificate {
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(pem);
  } catch (cause) {
    throw new CertificateError(part, "is not a certificate in PEM format.", { cause });
  }
  requireRsa(part, certificate.publicKey);
  return certificate;
}

function readKey(pem: string): KeyObject {
  let key: KeyObject;
  try {
    key = createPrivateKey(pem);
  } catch (cause) {
    throw new CertificateError("key", "is not a private key in PEM format, or has a passphrase.", { cause });
  }
  requireRsa("key", key);
  return key;
}

function requireRsa(part: keyof PemTexts, { asymmetricKeyType }: KeyObject): void {
  if (asymmetricKeyType === "rsa") return;
  throw new CertificateError(part, `has the key type ${asymmetricKeyType}, but Espruino supports only RSA.`);
}

function inBase64(part: keyof PemTexts, der: Buffer): string {
  if (der.length <= DER_SIZE_BYTES_MAX) return der.toString("base64");
  throw new CertificateError(
    part,
    `has ${der.length} bytes, but the limit for a board is ${DER_SIZE_BYTES_MAX}.`,
  );
}
