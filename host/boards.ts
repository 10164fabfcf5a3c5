/**
 * Boards are data: one JSON file each in boards/, or a file of the user, all with the same schema. Code that depends
 * on what a board has reads its record. No code compares the ID of a board.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { MotekitError } from "./errors.ts";
import { packageRoot } from "./file-system/package-root.ts";

const pinSchema = z.strictObject({
  pin: z.string().regex(/^[A-Z]+\d+$/, "a pin's name as Espruino spells it, such as D2"),
  activeLow: z.boolean(),
});

const hexId = z.string().regex(/^[0-9a-f]{4}$/, "four lower-case hexadecimal digits");

export const boardSchema = z.strictObject({
  $schema: z.string().optional(),
  id: z.string().regex(/^[a-z][a-z0-9-]*$/, "lower-case letters, digits and dashes"),
  name: z.string().min(1),
  chip: z.enum(["esp32", "esp32s3", "esp32c3", "linux"]),
  /** The value of `process.env.BOARD` in the board's interpreter. */
  espruinoBoard: z.string().min(1),
  /** `count` is null if the heap grows. The free heap of a chip may allow fewer than `count`. */
  jsVars: z.strictObject({ count: z.int().positive().nullable(), sizeBytes: z.int().positive() }),
  console: z.strictObject({
    kind: z.enum(["uart", "usb-jtag", "stdio"]),
    device: z.string().min(1),
    baudRate: z.int().positive().optional(),
  }),
  pins: z.strictObject({ led: pinSchema.nullable(), button: pinSchema.nullable() }),
  radio: z.strictObject({ wifi: z.boolean(), bluetooth: z.boolean() }),
  tls: z.boolean(),
  /** Its Espruino counts characters in texts; elsewhere strings hold the bytes of UTF-8. */
  unicode: z.boolean(),
  temperatureSensor: z.boolean(),
  /** Names of files in firmware/espruino/capabilities: features that only some boards' interpreters have. */
  capabilities: z.array(z.string().regex(/^[a-z0-9-]+$/)),
  storage: z.strictObject({
    addressBytes: z.int().nonnegative(),
    sizeBytes: z.int().positive(),
    pageBytes: z.int().positive(),
  }),
  /** Number of nested calls that fit on the stack. Null if no practical limit exists. */
  stackFrames: z.int().positive().nullable(),
  flash: z
    .strictObject({
      mode: z.enum(["dio", "qio", "dout", "qout"]),
      frequencyMhz: z.union([z.literal(40), z.literal(80)]),
      images: z.array(z.strictObject({ offsetBytes: z.int().nonnegative(), file: z.string().min(1) })).min(1),
    })
    .optional(),
  usb: z.array(z.strictObject({ vendorId: hexId, productId: hexId, name: z.string().min(1) })),
  /** The source of each figure, by the name of its field. */
  sources: z.record(z.string(), z.string().min(1)),
});

export type Board = z.infer<typeof boardSchema>;

export function boardFolder(): string {
  return join(packageRoot(), "boards");
}

export function listBoards(): Board[] {
  return readdirSync(boardFolder())
    .filter((name) => name.endsWith(".json") && name !== "board.schema.json")
    .sort()
    .map((name) => readBoardFile(join(boardFolder(), name)));
}

/** `board` is the ID of a board that motekit knows, or the path of a board file, which ends in `.json`. */
export function loadBoard(board: string): Board {
  if (board.endsWith(".json")) return readBoardFile(board);
  const known = listBoards();
  const found = known.find((candidate) => candidate.id === board);
  if (found) return found;
  throw new MotekitError({
    code: "MK1101",
    message: `There is no board named "${board}".`,
    remedy: `Use one of ${known.map((candidate) => candidate.id).join(", ")}, or the path of a board file, which ends in .json.`,
  });
}

function readBoardFile(file: string): Board {
  const parsed = boardSchema.safeParse(parseBoardJson(file));
  if (parsed.success) return parsed.data;
  throw new MotekitError(
    {
      code: "MK1103",
      message: `The board file is not valid:\n${z.prettifyError(parsed.error)}`,
      where: { file },
      remedy: `Correct the fields listed above; ${join(boardFolder(), "esp32.json")} is a valid example.`,
    },
    { cause: parsed.error },
  );
}

function parseBoardJson(file: string): unknown {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (cause) {
    throw new MotekitError(
      {
        code: "MK1102",
        message: `The board file cannot be read: ${(cause as Error).message}`,
        where: { file },
        remedy: "Check the path after --board.",
      },
      { cause },
    );
  }
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new MotekitError(
      {
        code: "MK1103",
        message: `The board file is not valid JSON: ${(cause as Error).message}`,
        where: { file },
        remedy: `Correct the syntax; ${join(boardFolder(), "esp32.json")} is a valid example.`,
      },
      { cause },
    );
  }
}

/** The board whose interpreter has this value of `process.env.BOARD`, or undefined if motekit knows no such board. */
export function boardByEspruinoName(espruinoBoard: string): Board | undefined {
  return listBoards().find((board) => board.espruinoBoard === espruinoBoard);
}
