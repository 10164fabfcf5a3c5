/** The actions of `motekit hub` and `motekit dev` for the page: boards, builds and proposed settings. */
import { relative } from "node:path";
import { z } from "zod";
import { listBoards, loadBoard } from "../boards.ts";
import { projectSettings } from "../configure/project-settings.ts";
import type { AppBuild, BuildRequest, ControlActions, ProposedSettings } from "../control/actions.ts";
import { MotekitError } from "../errors.ts";
import type { BoardFleet } from "../fleet/board-fleet.ts";
import { fleetActions } from "../fleet/fleet-actions.ts";
import type { ControlOptions } from "../hub/http/control-channel.ts";
import { findEntry } from "../project/find-entry.ts";
import { loadProject } from "../project/project-file.ts";

export interface PageActionsOptions {
  /** The project's folder. */
  readonly workingFolder: string;
  /** The entry of the firmware. If undefined, `findEntry` finds it at each build. */
  readonly entry?: string;
  /** Returns the URL at which boards on the network reach this hub, or undefined if they cannot. */
  hubUrl(): string | undefined;
  /** The simulated boards of the program. If undefined, it cannot simulate boards. */
  readonly fleet?: BoardFleet;
}

const buildRequestSchema = z.strictObject({ board: z.string() });

export function pageActions(options: PageActionsOptions): ControlOptions {
  const { workingFolder } = options;
  const actions: Pick<ControlActions, "boards" | "build" | "settings"> = {
    boards: async () => listBoards(),
    build: (request) => buildFor(request, findEntry(options.entry, workingFolder), workingFolder),
    settings: () => proposedSettings(workingFolder, options.hubUrl()),
  };
  const fleet = options.fleet && fleetActions(options.fleet);
  return {
    actions: {
      ...actions,
      ...fleet?.actions,
      build: (argument) => actions.build(parseBuildRequest(argument)),
    },
    ...(fleet && { feeds: fleet.feeds }),
  };
}

/** Validates a request. Unlike on the command line, the path of a board file is not accepted. */
function parseBuildRequest(argument: unknown): BuildRequest {
  const parsed = buildRequestSchema.safeParse(argument);
  if (parsed.success && !parsed.data.board.endsWith(".json")) return parsed.data;
  throw new MotekitError({
    code: "MK1404",
    message: "The action build requires a board's ID.",
    remedy: "Reload the page.",
  });
}

async function buildFor(
  { board: id }: BuildRequest,
  entry: string,
  workingFolder: string,
): Promise<AppBuild> {
  const { buildWithinBudgets } = await import("../build/budgeted-build.ts");
  const { buildBootCode } = await import("../build/boot-code.ts");
  const board = loadBoard(id);
  const { relocateSources } = await import("../build/relocate-sources.ts");
  const { app, map, sourceFolder } = await buildWithinBudgets({ entry, board });
  const bootCode = await buildBootCode(board);
  return {
    entry: relative(workingFolder, entry),
    app: Buffer.from(app).toString("base64"),
    bootCode: Buffer.from(bootCode).toString("base64"),
    map: relocateSources(map, sourceFolder, workingFolder),
  };
}

/** The settings to propose. Passwords are never sent to the page; a person types them. */
async function proposedSettings(folder: string, hubUrl: string | undefined): Promise<ProposedSettings> {
  const { config } = await loadProject(folder);
  const own = hubUrl === undefined ? {} : { HUB_URL: hubUrl };
  const entries = [...projectSettings(config)].map(([key, { text }]) => [key, text] as const);
  return { ...own, ...Object.fromEntries(entries) };
}
