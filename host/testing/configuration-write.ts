/** Writes a configuration into a board's Storage, as `motekit configure` does. */
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

/** The settings of `motekit configure`. */
export type Settings = Omit<Configuration, "version" | "sequence">;

export interface ConfigurationWrite {
  readonly atMs: number;
  readonly settings: Settings;
  /** False if power failed before everything was written. */
  readonly isWhole: boolean;
}

/** Returns false if power failed. @throws MotekitError MK2009 if the configuration does not fit into Storage. */
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
    throw wrongArgument(
      `${name} does not fit into the board's Storage: ${problem}.`,
      "Free space in Storage.",
    );
  } catch (error) {
    if (error instanceof PowerFailure) return false;
    throw error;
  }
}
