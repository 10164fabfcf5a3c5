import type { ControlClient } from "../control-client.ts";

/** The boards that the hub's program simulates. */
export function SimulatedView({ control }: { control: ControlClient }) {
  return <main class="columns columns-one">{control.hasToken ? null : null}</main>;
}
