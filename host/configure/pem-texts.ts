/** Certificates and keys in PEM, and the error for invalid ones. */
import type { TlsCredentials } from "../../firmware/contract/configuration.ts";

export interface PemTexts {
  readonly ca?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
}

/** Converts them to the form of a board's record. The implementation for Node is `tlsCredentials`. @throws CertificateError. */
export type ReadPems = (texts: PemTexts) => TlsCredentials;

/** An invalid text and the reason. The message does not repeat the text. */
export class CertificateError extends Error {
  readonly part: keyof PemTexts;

  constructor(part: keyof PemTexts, message: string, options?: ErrorOptions) {
    super(message, options);
    this.part = part;
  }
}
