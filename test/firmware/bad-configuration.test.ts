import { expect, it, vi } from "vitest";
import type { Configuration } from "../../firmware/contract/configuration.ts";
import { loadBoard } from "../../host/boards.ts";
import { findEntry } from "../../host/project/find-entry.ts";
import { bootBoard } from "../../host/simulator/engines/boot-board.ts";
import { simulatedConfiguration } from "../../host/simulator/engines/simulated-configuration.ts";
import { buildAppOnce } from "../fixtures/run/built-once.ts";

it("a device that cannot read its configuration reports that on its console and stops", async () => {
  const board = loadBoard("linux");
  const app = await buildAppOnce(findEntry(undefined, "/"), board);
  const good = simulatedConfiguration(board, { host: "127.0.0.1", port: 1 }, "dev");
  const lines: string[] = [];
  const simulated = await bootBoard({
    board,
    app,
    configuration: { ...good, version: 99 } as unknown as Configuration,
    engine: "node",
    onLine: (line) => lines.push(line),
    onPin: () => undefined,
    onExit: () => undefined,
  });
  await vi.waitFor(() => expect(lines).toEqual(["~mk error damaged-configuration"]));
  await simulated.stop();
});
