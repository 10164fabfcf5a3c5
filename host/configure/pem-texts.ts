/** Certificates and key as a person has them, and what is said where they are wrong. */
import type { TlsCredentials } from "../../firmware/contract/configuration.ts";

export interface PemTexts {
  readonly ca?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
}

/** Makes of them what a board's record holds. Node's way is `tlsCredentials`. @throws CertificateError. */
export type ReadPems = (texts: PemTexts) => TlsCredentials;

/** Which of the texts is wrong, and how. The message repeats nothing of it. */
export class CertificateError extends Error {
  readonly part: keyof PemTexts;

  constructor(part: keyof PemTexts, message: string, options?: ErrorOptions) {
    super(message, options);
    this.part = part;
  }
}
