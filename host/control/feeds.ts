/**
 * What the hub's page may follow, beyond MQTT: a POST of the feed's name with a JSON argument, answered by a line of JSON for
 * each thing that happens. It begins with how things stand.
 */
import type { FleetEvent } from "./simulated-boards.ts";
import type { WireEvent, WireWatch } from "./wire-events.ts";

export interface ControlFeeds {
  /** What goes over the wires of the hub. */
  readonly wire: { readonly argument: WireWatch; readonly value: WireEvent };
  /** The boards that the hub's program simulates. */
  readonly simulatedBoards: { readonly argument: undefined; readonly value: FleetEvent };
}
