/** What the build tells the firmware of the board that it builds for: constants, so that branches fall away. */
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
