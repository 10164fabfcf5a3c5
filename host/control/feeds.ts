/**
 * The feeds of the control channel, which the hub's page follows: a POST of the feed's name with a JSON argument, answered with
 * a line of JSON for each event. A feed begins with the present state.
 */
import type { FleetEvent } from "./simulated-boards.ts";
import type { WireEvent, WireWatch } from "./wire-events.ts";

export interface ControlFeeds {
  /** The packets of the hub. */
  readonly wire: { readonly argument: WireWatch; readonly value: WireEvent };
  /** The boards that the hub's program simulates. */
  readonly simulatedBoards: { readonly argument: undefined; readonly value: FleetEvent };
}
