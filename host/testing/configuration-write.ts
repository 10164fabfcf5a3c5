/** A configuration into a board's Storage, as `motekit configure` writes it. */
import {
  CONFIGURATION_FILES,
  type Configuration,
  openConfiguration,
} from "../../firmware/contract/configuration.ts";
import { nextRecord } from "../configure/board-record.ts";
import { byteStringOf, bytesOf, crc32Of } from "../serial/bytes.ts";
import type { StorageFiles } from "../simulator/board-api/storage.ts";
import { PowerFailure } from "../simulator/world/flash.ts";
import { wrongArgument } from "./arguments.ts";

/** What `motekit configure` is told. */
export type Settings = Omit<Configuration, "version" | "sequence">;

export interface ConfigurationWrite {
  readonly atMs: number;
  readonly settings: Settings;
  /** False: power failed before all was written. */
  readonly isWhole: boolean;
}

/** False where power failed. @throws MotekitError MK2009 where it does not fit. */
export function writeConfiguration(storage: StorageFiles, configuration: Configuration): boolean {
  const sequenceOf = (name: string): number => {
    const file = storage.read(name);
    return openConfiguration([file], (byteString) => crc32Of(bytesOf(byteString)))?.sequence ?? 0;
  };
  const [first, second] = CONFIGURATION_FILES;
  const { name, bytes } = nextRecord([sequenceOf(first), sequenceOf(second)], configuration);
  try {
    const problem = storage.write(name, byteStringOf(bytes));
    if (problem === undefined) return true;
    throw wrongArgument(`${name} does not go into the board's Storage: ${problem}.`, "Leave room for it.");
  } catch (error) {
    if (error instanceof PowerFailure) return false;
    throw error;
  }
}
