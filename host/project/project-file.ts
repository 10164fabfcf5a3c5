/** The project file `motekit.config.ts` (or .js, .mjs), which has defaults for the commands' options. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import * as esbuild from "esbuild";
import { z } from "zod";
import { MotekitError } from "../errors.ts";
import { topicFilterSchema } from "../mqtt/topic-filter-schema.ts";

const PROJECT_FILES = ["motekit.config.ts", "motekit.config.mjs", "motekit.config.js"];

const portSchema = z.int().min(0).max(65_535);

const projectSchema = z.strictObject({
  /** The entry of the firmware, relative to the project's folder. */
  entry: z.string().min(1).optional(),
  /** A board's ID, or the path of a board file. */
  board: z.string().min(1).optional(),
  /** The serial port of the board. */
  port: z.string().min(1).optional(),
  /** The hubs, which are tried in order. Passwords belong in the secrets file. */
  hubs: z
    .array(z.strictObject({ url: z.string().min(1), username: z.string().optional() }))
    .min(1)
    .optional(),
  /** The defaults of `motekit hub`, and of `motekit dev` where they apply. */
  localHub: z
    .strictObject({
      host: z.string().min(1).optional(),
      port: portSchema.optional(),
      wsPort: portSchema.optional(),
      tls: z.boolean().optional(),
      tlsPort: portSchema.optional(),
      wssPort: portSchema.optional(),
      tlsCert: z.string().min(1).optional(),
      tlsKey: z.string().min(1).optional(),
      profile: z.enum(["open", "dedicated", "shared"]).optional(),
      /** Routes that send messages to a URL. */
      routes: z
        .array(
          z.strictObject({
            topic: topicFilterSchema,
            url: z.url({ protocol: /^https?$/ }),
            method: z.enum(["POST", "PUT", "PATCH"]).optional(),
            headers: z.record(z.string(), z.string()).optional(),
          }),
        )
        .max(100)
        .optional(),
      /** The WebSocket URLs of other hubs to which the hub's page may connect. */
      pageHubs: z
        .array(z.url({ protocol: /^wss?$/ }))
        .max(20)
        .optional(),
    })
    .optional(),
  wifi: z.array(z.strictObject({ ssid: z.string().min(1) })).optional(),
  device: z
    .strictObject({
      id: z.string().min(1).optional(),
      name: z.string().min(1).optional(),
      topicPrefix: z.string().min(1).optional(),
      keepAliveSeconds: z.int().positive().optional(),
    })
    .optional(),
});

export type ProjectConfig = z.infer<typeof projectSchema>;

export interface Project {
  readonly config: ProjectConfig;
  /** The path of the project file; undefined if there is none. */
  readonly file: string | undefined;
}

/**
 * Loads the project of a folder; it is empty without a project file.
 * @throws MotekitError MK1002 the file does not run, MK1003 its content is not valid.
 */
export async function loadProject(folder: string): Promise<Project> {
  const file = PROJECT_FILES.map((name) => join(folder, name)).find((path) => existsSync(path));
  if (file === undefined) return { config: {}, file };
  const { default: value } = await run(file);
  const parsed = projectSchema.safeParse(value);
  if (parsed.success) return { config: parsed.data, file };
  const [issue] = parsed.error.issues;
  const field = issue?.path.join(".") ?? "";
  throw new MotekitError({
    code: "MK1003",
    message:
      value === undefined
        ? "The project file has no default export."
        : `${field ? `${field}: ` : ""}${issue?.message}`,
    where: { file },
    remedy:
      "Use `export default defineConfig({ … })` with defineConfig from motekit/config, whose type lists the fields.",
  });
}

/** Bundles and imports the file as a data URL, because Node 20 cannot import TypeScript. */
async function run(file: string): Promise<{ default?: unknown }> {
  try {
    const { outputFiles } = await esbuild.build({
      entryPoints: [file],
      bundle: true,
      write: false,
      platform: "node",
      format: "esm",
      target: "node20",
      logLevel: "silent",
      plugins: [
        {
          name: "motekit-config",
          setup(build) {
            build.onResolve({ filter: /^motekit\/config$/ }, ({ path }) => ({
              path,
              namespace: "motekit-config",
            }));
            build.onLoad({ filter: /.*/, namespace: "motekit-config" }, () => ({
              contents: "export const defineConfig = (config) => config;",
            }));
          },
        },
      ],
    });
    const code = Buffer.from(outputFiles[0]?.contents ?? new Uint8Array()).toString("base64");
    return (await import(`data:text/javascript;base64,${code}`)) as { default?: unknown };
  } catch (error) {
    const [problem] = (error as Partial<esbuild.BuildFailure>).errors ?? [];
    const place = problem?.location;
    throw new MotekitError(
      {
        code: "MK1002",
        message: `The project file does not run: ${problem?.text ?? (error as Error).message}`,
        where: place ? { file, line: place.line, column: place.column + 1 } : { file },
        remedy: "Fix the file, or run the command in another folder.",
      },
      { cause: error },
    );
  }
}
