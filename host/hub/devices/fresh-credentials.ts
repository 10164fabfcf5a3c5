/** New credentials for a device: the part that the registry stores, and the secrets for the device, which are not stored. */
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

/** Issues a certificate by the hub's CA. Rejects like `openAuthority`. */
export async function freshCertificate(hubFolder: string, commonName: string): Promise<FreshCredentials> {
  const { fingerprint, certificatePem, keyPem } = await issueDeviceCertificate(hubFolder, commonName);
  return { kept: { certificate: fingerprint }, secrets: { certificatePem, keyPem } };
}

/** Reads the device's own certificate, whose key the device has. @throws MotekitError MK1416 the file cannot be read. */
export function ownCertificate(file: string): FreshCredentials {
  try {
    return { kept: { certificate: new X509Certificate(readFileSync(file)).fingerprint256 }, secrets: {} };
  } catch (cause) {
    throw new MotekitError(
      {
        code: "MK1416",
        message: `The device's certificate ${file} cannot be read: ${(cause as Error).message}.`,
        where: { file },
        remedy:
          "Use a certificate in PEM or DER format, or --certificate without a path to have the hub's CA issue one.",
      },
      { cause },
    );
  }
}
