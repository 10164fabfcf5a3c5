/** `motekit.config.ts` (or .js, .mjs): what a project says once, so that commands need not be told. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import * as esbuild from "esbuild";
import { z } from "zod";
import { MotekitError } from "../errors.ts";
import { topicFilterSchema } from "../mqtt/topic-filter-schema.ts";

const PROJECT_FILES = ["motekit.config.ts", "motekit.config.mjs", "motekit.config.js"];

const portSchema = z.int().min(0).max(65_535);

const projectSchema = z.strictObject({
  /** The firmware's first file, from the project's folder. */
  entry: z.string().min(1).optional(),
  /** A board's ID, or the path of a board file. */
  board: z.string().min(1).optional(),
  /** The serial port of the board. */
  port: z.string().min(1).optional(),
  /** Tried in order. Passwords belong into the secrets file. */
  hubs: z
    .array(z.strictObject({ url: z.string().min(1), username: z.string().optional() }))
    .min(1)
    .optional(),
  /** What `motekit hub` is started with, and `motekit dev` as far as it may. */
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
      /** Messages that are sent on to a URL. */
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
      /** Hubs by WebSocket to which the hub's page may connect too. */
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
  /** Its path; undefined where the folder has none. */
  readonly file: string | undefined;
}

/**
 * The project of a folder, empty where it has no file.
 * @throws MotekitError MK1002 the file does not run, MK1003 it is not a project.
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
      value === undefined ? "It has no default export." : `${field ? `${field}: ` : ""}${issue?.message}`,
    where: { file },
    remedy:
      "Write: export default defineConfig({ … }), with defineConfig from motekit/config, whose type tells the fields.",
  });
}

/** As data, for Node 20 imports no TypeScript; `motekit/config` is nothing but a type at run time. */
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
        remedy: "Mend it, or run the command in another folder.",
      },
      { cause: error },
    );
  }
}
