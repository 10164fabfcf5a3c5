/** The page's actions on the devices of a running hub. The arguments come from a browser and are validated here. */
import { z } from "zod";
import type { ControlActions } from "../../control/actions.ts";
import type { IssuedDevice } from "../../control/hub-devices.ts";
import { MotekitError } from "../../errors.ts";
import type { ControlHandlers } from "../http/control-channel.ts";
import { DeviceManager, type Issued, recordOf } from "./device-manager.ts";
import type { Profile } from "./device-policy.ts";
import type { LiveDevices } from "./live-devices.ts";

export interface ConnectedDevices {
  readonly hubFolder: string;
  /** The devices that the running hub uses. */
  readonly live: LiveDevices;
}

const allowOrDeny = z.enum(["allow", "deny"]).optional();
const topicFilters = z.array(z.string()).optional();

const settings = {
  insecure: allowOrDeny,
  multiple: allowOrDeny,
  publishAccept: topicFilters,
  publishReject: topicFilters,
  subscribeAccept: topicFilters,
  subscribeReject: topicFilters,
  clearFilters: z.boolean().optional(),
};

/** Unlike on the command line, `certificate` is not a path, because the page must not read files of this machine. */
const credentials = { password: z.boolean().optional(), certificate: z.boolean().optional() };

const ARGUMENTS = {
  addDevice: z.strictObject({ name: z.string(), id: z.string().optional(), ...credentials, ...settings }),
  changeDevice: z.strictObject({ device: z.string(), isEnabled: z.boolean().optional(), ...settings }),
  renewDevice: z.strictObject({ device: z.string(), ...credentials }),
  removeDevice: z.strictObject({ device: z.string() }),
};

type Name = keyof typeof ARGUMENTS;

/** `kept` is undefined if the hub has no folder for devices; the page is told so. */
export function deviceActions(profile: Profile, kept: ConnectedDevices | undefined): ControlHandlers {
  if (!kept) {
    const none: Pick<ControlActions, "devices"> = { devices: async () => ({ profile }) };
    return { devices: none.devices };
  }
  const { live } = kept;
  const manager = new DeviceManager(kept.hubFolder);
  /** Applies the change at the hub before the page is answered, so that a disabled device is disconnected by then. */
  const applied = <Result>(result: Result): Result => {
    live.refresh();
    return result;
  };
  const actions: Pick<ControlActions, "devices" | Name> = {
    devices: async () => {
      live.refresh();
      return { profile, devices: [...live.all()].map(recordOf) };
    },
    addDevice: async ({ name, ...rest }) => issuedOf(applied(await manager.add(name, rest))),
    changeDevice: async ({ device, ...rest }) => recordOf(applied(await manager.change(device, rest))),
    renewDevice: async ({ device, ...rest }) => issuedOf(applied(await manager.renew(device, rest))),
    removeDevice: async ({ device }) => recordOf(applied(await manager.remove(device))),
  };
  return {
    devices: actions.devices,
    addDevice: (argument) => actions.addDevice(checked("addDevice", argument)),
    changeDevice: (argument) => actions.changeDevice(checked("changeDevice", argument)),
    renewDevice: (argument) => actions.renewDevice(checked("renewDevice", argument)),
    removeDevice: (argument) => actions.removeDevice(checked("removeDevice", argument)),
  };
}

function issuedOf({ device, secrets }: Issued): IssuedDevice {
  return { device: recordOf(device), secrets };
}

function checked<Action extends Name>(
  action: Action,
  argument: unknown,
): z.infer<(typeof ARGUMENTS)[Action]> {
  const parsed = ARGUMENTS[action].safeParse(argument);
  if (parsed.success) return parsed.data as z.infer<(typeof ARGUMENTS)[Action]>;
  const [issue] = parsed.error.issues;
  const place = issue?.path.join(".") || "its top level";
  throw new MotekitError({
    code: "MK1404",
    message: `The argument of the action ${action} is not valid at ${place}: ${issue?.message}.`,
    remedy: "Reload the page, which may come from another release than the hub.",
  });
}
