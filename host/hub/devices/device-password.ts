/**
 * A device's password. The hub makes it, of 192 random bits: nobody can try so many, and so one salted SHA-256 keeps it
 * as well as a slow hash keeps a person's.
 */
import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import type { Device } from "./device.ts";

const PASSWORD_BYTES = 24;
const SALT_BYTES = 16;

/** Letters, digits, - and _. */
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
