import type { ControlClient } from "../control-client.ts";

/** The devices that the hub knows, and what they may. */
export function DevicesView({ control }: { control: ControlClient }) {
  return <main class="columns columns-one">{control.hasToken ? null : null}</main>;
}
