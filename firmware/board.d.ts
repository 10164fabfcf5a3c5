/** The constants of the board for which the firmware is built, so that the build can remove unused branches. */
declare module "motekit/board" {
  export const BOARD_ID: string;
  /** The interpreter knows texts beside byte strings; elsewhere a text is the bytes of its UTF-8. */
  export const HAS_UNICODE: boolean;
  /** `E.getTemperature` measures something. */
  export const HAS_TEMPERATURE_SENSOR: boolean;
  /** Undefined where the board has no LED. */
  export const LED: Pin | undefined;
  /** The LED shines at a low level. */
  export const LED_ACTIVE_LOW: boolean;
}

/** `wifi.ts` or `wired.ts`. */
declare module "motekit/network" {
  export const joinNetwork: import("./network.ts").JoinNetwork;
}
