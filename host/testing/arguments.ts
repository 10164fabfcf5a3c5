/**
 * Checks the arguments of a test at run time: a fault that can never apply would make a test that proves nothing. The
 * types express the same rules as far as they can.
 */
import type { Configuration } from "../../firmware/contract/configuration.ts";
import { MotekitError } from "../errors.ts";
import { KEEP_ALIVE_SECONDS_MAX } from "../mqtt/packet-types.ts";

/** @throws MotekitError MK2009 */
export function requireWhole(what: string, value: number, least: number): void {
  if (Number.isSafeInteger(value) && value >= least) return;
  throw wrongArgument(`${what} is ${value}, which is not valid.`, `Give a whole number of ${least} or more.`);
}

/** @throws MotekitError MK2009 */
export function requireBetween(what: string, value: number, least: number, most: number): void {
  if (typeof value === "number" && value >= least && value <= most) return;
  throw wrongArgument(`${what} is ${value}, which is not valid.`, `Give a number from ${least} to ${most}.`);
}

/** @throws MotekitError MK2009 */
export function requireOneOf(what: string, value: string, known: readonly string[]): void {
  if (known.includes(value)) return;
  throw wrongArgument(`${what} is "${value}", which is not valid.`, `Give one of: ${known.join(", ")}.`);
}

/** Checks the identity of a device against the limits of topics and CONNECT. @throws MotekitError MK2009 */
export function requireSettings({
  deviceId,
  keepAliveSeconds,
}: Pick<Configuration, "deviceId" | "keepAliveSeconds">): void {
  requireWhole("The keep alive in seconds", keepAliveSeconds, 0);
  if (keepAliveSeconds > KEEP_ALIVE_SECONDS_MAX) {
    throw wrongArgument(
      `The keep alive of ${keepAliveSeconds} seconds is too long.`,
      `Use at most ${KEEP_ALIVE_SECONDS_MAX} seconds, the maximum in CONNECT.`,
    );
  }
  if (/^[^/+#]+$/.test(deviceId)) return;
  throw wrongArgument(
    `"${deviceId}" cannot be a device's ID.`,
    "Leave out /, + and #, because it is a level of topics.",
  );
}

export function noBoardYet(): MotekitError {
  return new MotekitError({
    code: "MK2002",
    message: "This world has no board yet.",
    remedy: "Call world.boot(), or world.addBoard() for a board without power.",
  });
}

export function wrongArgument(message: string, remedy: string): MotekitError {
  return new MotekitError({ code: "MK2009", message, remedy });
}
