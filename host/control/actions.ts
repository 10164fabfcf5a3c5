/**
 * What the hub's page may ask of the program that serves it, beyond MQTT. Each is a POST of its name with a JSON argument,
 * and answers JSON: types for both ends, and nothing else.
 */
import type { Board } from "../boards.ts";
import type { Problem } from "../errors.ts";
import type {
  DeviceChange,
  DeviceRecord,
  DeviceRenewal,
  HubDevices,
  IssuedDevice,
  NewDevice,
} from "./hub-devices.ts";
import type { HubMetrics } from "./hub-metrics.ts";
import type { BoardAction, BootRequest } from "./simulated-boards.ts";
import type { Fault, FaultRequest } from "./wire-events.ts";

export interface ControlActions {
  /** The boards that motekit knows. */
  boards(): Promise<readonly Board[]>;
  /** The project's app for that board, built now. Rejects with the build's problems. */
  build(request: BuildRequest): Promise<AppBuild>;
  /** Those that the hub goes by at the moment. */
  devices(): Promise<HubDevices>;
  /** Rejects with MK1413, MK1414 or MK1417. The secrets are in this answer and nowhere else. */
  addDevice(device: NewDevice): Promise<IssuedDevice>;
  /** Rejects with MK1412 or MK1413. */
  changeDevice(change: DeviceChange): Promise<DeviceRecord>;
  /** Rejects with MK1412 or MK1415. The secrets are in this answer and nowhere else. */
  renewDevice(renewal: DeviceRenewal): Promise<IssuedDevice>;
  /** Gives what it was. Rejects with MK1412. */
  removeDevice(removal: { readonly device: string }): Promise<DeviceRecord>;
  /** What the hub has counted. */
  metrics(): Promise<HubMetrics>;
  /** What to propose where a board is configured. */
  settings(): Promise<ProposedSettings>;
  /** Does that to packets of the hub from now on. */
  addFault(fault: FaultRequest): Promise<Fault>;
  removeFault(fault: { readonly id: number }): Promise<void>;
  /** Boots another simulated board, and gives its device ID. Rejects with the build's problems. */
  bootSimulated(request: BootRequest): Promise<{ readonly id: string }>;
  actSimulated(deed: BoardAction): Promise<void>;
  /** Ends a client's connections, as a network would that breaks. */
  cutConnection(client: { readonly clientId: string }): Promise<void>;
}

export interface BuildRequest {
  /** A board's ID. */
  readonly board: string;
}

export interface AppBuild {
  /** The entry's path, from the working folder. */
  readonly entry: string;
  /** The bytes of app.js, in base64. */
  readonly app: string;
  /** Of `.bootcde`, in base64. */
  readonly bootCode: string;
  /** Source map version 3, as JSON, with its sources' texts. Their paths are from the working folder. */
  readonly map: string;
}

/** By the keys of a project's settings, such as `HUB_URL`, without secrets. */
export type ProposedSettings = Readonly<Record<string, string>>;

/** The body of an answer whose status is not 200. */
export interface ControlRefusal {
  readonly problems: readonly Problem[];
}
