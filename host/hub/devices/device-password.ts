/**
 * The password of a device, which the hub makes of 192 random bits. They cannot be guessed, so one salted SHA-256 protects it
 * as well as a slow hash protects a person's password.
 */
import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import type { Device } from "./device.ts";

const PASSWORD_BYTES = 24;
const SALT_BYTES = 16;

/** Makes a password of letters, digits, - and _. */
export function makePassword(): string {
  return randomBytes(PASSWORD_BYTES).toString("base64url");
}

export function hashPassword(password: string): NonNullable<Device["password"]> {
  const salt = randomBytes(SALT_BYTES);
  return { salt: salt.toString("hex"), sha256: digest(salt, Buffer.from(password)).toString("hex") };
}

export function isPassword(kept: NonNullable<Device["password"]>, given: Buffer): boolean {
  const expected = Buffer.from(kept.sha256, "hex");
  const actual = digest(Buffer.from(kept.salt, "hex"), given);
  return expected.length === actual.length && timingSafeEqual(expected, actual);
}

function digest(salt: Buffer, password: Buffer): Buffer {
  return createHash("sha256").update(salt).update(password).digest();
}
