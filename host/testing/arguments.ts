/**
 * What a test asks for, held to what there is: a fault that can never strike would leave behind a test that proves
 * nothing. Types say the same, as far as they can.
 */
import type { Configuration } from "../../firmware/contract/configuration.ts";
import { MotekitError } from "../errors.ts";
import { KEEP_ALIVE_SECONDS_MAX } from "../mqtt/packet-types.ts";

/** @throws MotekitError MK2009 */
export function requireWhole(what: string, value: number, least: number): void {
  if (Number.isSafeInteger(value) && value >= least) return;
  throw wrongArgument(`${what} is ${value}.`, `Give a whole number of ${least} or more.`);
}

/** @throws MotekitError MK2009 */
export function requireBetween(what: string, value: number, least: number, most: number): void {
  if (typeof value === "number" && value >= least && value <= most) return;
  throw wrongArgument(`${what} is ${value}.`, `Give a number from ${least} to ${most}.`);
}

/** @throws MotekitError MK2009 */
export function requireOneOf(what: string, value: string, known: readonly string[]): void {
  if (known.includes(value)) return;
  throw wrongArgument(`${what} is "${value}".`, `It is one of: ${known.join(", ")}.`);
}

/** Topics and CONNECT have room for them. @throws MotekitError MK2009 */
export function requireSettings({
  deviceId,
  keepAliveSeconds,
}: Pick<Configuration, "deviceId" | "keepAliveSeconds">): void {
  requireWhole("The keep alive in seconds", keepAliveSeconds, 0);
  if (keepAliveSeconds > KEEP_ALIVE_SECONDS_MAX) {
    throw wrongArgument(
      `The keep alive is ${keepAliveSeconds} seconds.`,
      `CONNECT has room for ${KEEP_ALIVE_SECONDS_MAX}.`,
    );
  }
  if (/^[^/+#]+$/.test(deviceId)) return;
  throw wrongArgument(
    `"${deviceId}" cannot be a device's ID.`,
    "It is a level of topics: without /, + and #.",
  );
}

export function noBoardYet(): MotekitError {
  return new MotekitError({
    code: "MK2002",
    message: "There is no board in this world yet.",
    remedy: "Call world.boot(), or world.addBoard() for one without power.",
  });
}

export function wrongArgument(message: string, remedy: string): MotekitError {
  return new MotekitError({ code: "MK2009", message, remedy });
}
