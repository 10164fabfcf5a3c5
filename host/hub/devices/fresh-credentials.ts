/** New secrets for a device: what the registry keeps of them, and what the device gets, which is kept nowhere. */
import { issueDeviceCertificate } from "../certificates/authority.ts";
import type { Device } from "./device.ts";
import { hashPassword, makePassword } from "./device-password.ts";

export interface Secrets {
  readonly password?: string;
  readonly certificatePem?: string;
  readonly keyPem?: string;
}

export interface FreshCredentials {
  readonly kept: Pick<Device, "password" | "certificate">;
  readonly secrets: Secrets;
}

export function freshPassword(): FreshCredentials {
  const password = makePassword();
  return { kept: { password: hashPassword(password) }, secrets: { password } };
}

/** By the hub's own CA. Rejects as `openAuthority`. */
export async function freshCertificate(hubFolder: string, commonName: string): Promise<FreshCredentials> {
  const { fingerprint, certificatePem, keyPem } = await issueDeviceCertificate(hubFolder, commonName);
  return { kept: { certificate: fingerprint }, secrets: { certificatePem, keyPem } };
}
