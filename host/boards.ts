/**
 * Boards are data: one JSON file each in boards/, or a file of the user's own, all of one schema. Whoever needs
 * to know what a board has asks its record; nothing asks for a board by name.
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
  /** What `process.env.BOARD` says there. */
  espruinoBoard: z.string().min(1),
  /** `count` null: the heap grows. A chip's free heap may allow fewer than `count`. */
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
  /** What the board's Espruino has beyond the common: files of firmware/espruino/capabilities. */
  capabilities: z.array(z.string().regex(/^[a-z0-9-]+$/)),
  storage: z.strictObject({
    addressBytes: z.int().nonnegative(),
    sizeBytes: z.int().positive(),
    pageBytes: z.int().positive(),
  }),
  /** Calls that fit on the stack; null: no limit that matters. */
  stackFrames: z.int().positive().nullable(),
  flash: z
    .strictObject({
      mode: z.enum(["dio", "qio", "dout", "qout"]),
      frequencyMhz: z.union([z.literal(40), z.literal(80)]),
      images: z.array(z.strictObject({ offsetBytes: z.int().nonnegative(), file: z.string().min(1) })).min(1),
    })
    .optional(),
  usb: z.array(z.strictObject({ vendorId: hexId, productId: hexId, name: z.string().min(1) })),
  /** Where each figure comes from, by the name of its field. */
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

/** `board` is the ID of a board that motekit knows, or the path of a board file (it ends in `.json`). */
export function loadBoard(board: string): Board {
  if (board.endsWith(".json")) return readBoardFile(board);
  const known = listBoards();
  const found = known.find((candidate) => candidate.id === board);
  if (found) return found;
  throw new MotekitError({
    code: "MK1101",
    message: `There is no board "${board}".`,
    remedy: `Choose one of ${known.map((candidate) => candidate.id).join(", ")}, or give the path of a board file (.json).`,
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
      remedy: `Compare it with ${join(boardFolder(), "esp32.json")}.`,
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
        remedy: "Check the path that follows --board.",
      },
      { cause },
    );
  }
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new MotekitError(
      { code: "MK1103", message: `The board file is not JSON: ${(cause as Error).message}`, where: { file } },
      { cause },
    );
  }
}

/** The board whose interpreter says this of itself (`process.env.BOARD`); undefined: none that motekit knows. */
export function boardByEspruinoName(espruinoBoard: string): Board | undefined {
  return listBoards().find((board) => board.espruinoBoard === espruinoBoard);
}
