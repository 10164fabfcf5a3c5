/**
 * Certificates and key as a person has them, in PEM, made what a board's record holds: DER in base64. Espruino knows RSA
 * alone, and it takes a decoded text of up to 100 bytes for the name of a file, below which none of these comes.
 */
import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import type { TlsCredentials } from "../../firmware/contract/configuration.ts";
import { CertificateError, type PemTexts } from "./pem-texts.ts";

/** Each is held in the board's memory, decoded, while it connects. RSA of 4,096 bits comes to some 2,400. */
const DER_SIZE_BYTES_MAX = 3_072;

/** @throws CertificateError. */
export function tlsCredentials({ ca, cert, key }: PemTexts): TlsCredentials {
  if (cert !== undefined && key === undefined) throw new CertificateError("cert", "has no key beside it.");
  if (key !== undefined && cert === undefined)
    throw new CertificateError("key", "has no certificate beside it.");
  const certificate = cert === undefined ? undefined : readCertificate("cert", cert);
  const privateKey = key === undefined ? undefined : readKey(key);
  if (certificate && privateKey && !certificate.checkPrivateKey(privateKey)) {
    throw new CertificateError("key", "is not the key of the certificate.");
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
    throw new CertificateError(part, "is no certificate in PEM.", { cause });
  }
  requireRsa(part, certificate.publicKey);
  return certificate;
}

function readKey(pem: string): KeyObject {
  let key: KeyObject;
  try {
    key = createPrivateKey(pem);
  } catch (cause) {
    throw new CertificateError("key", "is no private key in PEM, or wants a passphrase.", { cause });
  }
  requireRsa("key", key);
  return key;
}

function requireRsa(part: keyof PemTexts, { asymmetricKeyType }: KeyObject): void {
  if (asymmetricKeyType === "rsa") return;
  throw new CertificateError(part, `is of the kind ${asymmetricKeyType}; Espruino knows RSA alone.`);
}

function inBase64(part: keyof PemTexts, der: Buffer): string {
  if (der.length <= DER_SIZE_BYTES_MAX) return der.toString("base64");
  throw new CertificateError(part, `has ${der.length} bytes; a board takes ${DER_SIZE_BYTES_MAX}.`);
}
