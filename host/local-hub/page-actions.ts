/** What the page may ask of `motekit hub` and `motekit dev`: the boards, a build, and what to propose to a board. */
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
  /** The firmware's first file; left out as in `findEntry`, at each build. */
  readonly entry?: string;
  /** Where a board on the network finds this hub's MQTT; undefined where it cannot. */
  hubUrl(): string | undefined;
  /** The boards that the program simulates. Left out: it cannot. */
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

/** A board's file may be given by its path on the command line only: the page knows IDs. */
function parseBuildRequest(argument: unknown): BuildRequest {
  const parsed = buildRequestSchema.safeParse(argument);
  if (parsed.success && !parsed.data.board.endsWith(".json")) return parsed.data;
  throw new MotekitError({
    code: "MK1404",
    message: "The action build wants a board's ID.",
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

/** Passwords stay in their files: a person types them into the page. */
async function proposedSettings(folder: string, hubUrl: string | undefined): Promise<ProposedSettings> {
  const { config } = await loadProject(folder);
  const own = hubUrl === undefined ? {} : { HUB_URL: hubUrl };
  const entries = [...projectSettings(config)].map(([key, { text }]) => [key, text] as const);
  return { ...own, ...Object.fromEntries(entries) };
}
