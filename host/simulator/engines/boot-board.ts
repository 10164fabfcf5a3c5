import type { SimulatedBoard, SimulatedBoardOptions } from "../board-api/simulated-board.ts";
import { bootEspruinoBoard } from "./espruino-engine.ts";
import { bootNodeBoard } from "./node-engine.ts";

/** Starts a board. Resolves when the bundle runs, whose effects are reported by the callbacks. */
export async function bootBoard(options: SimulatedBoardOptions): Promise<SimulatedBoard> {
  return options.engine === "node" ? bootNodeBoard(options) : bootEspruinoBoard(options);
}
