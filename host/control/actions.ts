/**
 * The actions of the control channel, which the hub's page requests from the program that serves it. Each is a POST of its
 * name with a JSON argument and a JSON answer. This file has only types, for both ends.
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
  /** Builds the project's app for a board. Rejects with the build's problems. */
  build(request: BuildRequest): Promise<AppBuild>;
  /** The devices that the hub uses now. */
  devices(): Promise<HubDevices>;
  /** Rejects with MK1413, MK1414 or MK1417. The secrets are in this answer and nowhere else. */
  addDevice(device: NewDevice): Promise<IssuedDevice>;
  /** Rejects with MK1412 or MK1413. */
  changeDevice(change: DeviceChange): Promise<DeviceRecord>;
  /** Rejects with MK1412 or MK1415. The secrets are in this answer and nowhere else. */
  renewDevice(renewal: DeviceRenewal): Promise<IssuedDevice>;
  /** Resolves to the removed device. Rejects with MK1412. */
  removeDevice(removal: { readonly device: string }): Promise<DeviceRecord>;
  /** The hub's metrics. */
  metrics(): Promise<HubMetrics>;
  /** The settings to propose when a board is configured. */
  settings(): Promise<ProposedSettings>;
  /** Injects a fault into the hub's packets. */
  addFault(fault: FaultRequest): Promise<Fault>;
  removeFault(fault: { readonly id: number }): Promise<void>;
  /** Boots another simulated board, and resolves to its device ID. Rejects with the build's problems. */
  bootSimulated(request: BootRequest): Promise<{ readonly id: string }>;
  actSimulated(action: BoardAction): Promise<void>;
  /** Ends a client's connections, like a network failure. */
  cutConnection(client: { readonly clientId: string }): Promise<void>;
}

export interface BuildRequest {
  /** A board's ID. */
  readonly board: string;
}

export interface AppBuild {
  /** The entry's path, relative to the working folder. */
  readonly entry: string;
  /** The bytes of app.js, in base64. */
  readonly app: string;
  /** The bytes of `.bootcde`, in base64. */
  readonly bootCode: string;
  /** The source map, version 3, as JSON with the sources' texts. Paths are relative to the working folder. */
  readonly map: string;
}

/** Settings by their keys, such as `HUB_URL`, without secrets. */
export type ProposedSettings = Readonly<Record<string, string>>;

/** The body of an answer whose status is not 200. */
export interface ControlRefusal {
  readonly problems: readonly Problem[];
}
