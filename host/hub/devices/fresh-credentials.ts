/** New secrets for a device: what the registry keeps of them, and what the device gets, which is kept nowhere. */
import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import type { DeviceSecrets } from "../../control/hub-devices.ts";
import { MotekitError } from "../../errors.ts";
import { issueDeviceCertificate } from "../certificates/authority.ts";
import type { Device } from "./device.ts";
import { hashPassword, makePassword } from "./device-password.ts";

export interface FreshCredentials {
  readonly kept: Pick<Device, "password" | "certificate">;
  readonly secrets: DeviceSecrets;
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

/** The device's own, which it has the key of. @throws MotekitError MK1416 the file cannot be read. */
export function ownCertificate(file: string): FreshCredentials {
  try {
    return { kept: { certificate: new X509Certificate(readFileSync(file)).fingerprint256 }, secrets: {} };
  } catch (cause) {
    throw new MotekitError(
      {
        code: "MK1416",
        message: `The device's certificate ${file} cannot be read: ${(cause as Error).message}.`,
        where: { file },
        remedy: "Give a certificate in PEM or DER, or --certificate alone: then the hub's CA makes one.",
      },
      { cause },
    );
  }
}
