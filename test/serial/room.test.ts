import { expect, test } from "vitest";
import { BoardConsole } from "../../host/serial/console.ts";
import { occupiedBytes, refuseWithoutRoom } from "../../host/serial/file-transfer.ts";
import { MemoryLine } from "../fixtures/serial/memory-line.ts";

const LAST_PAGE_BYTES = 4096;
const SILENT_DEVICE = { receive: () => undefined, onSend: () => undefined };

test("a file may take all of Storage but its last page, where a torn header would cost every file", () => {
  const console = new BoardConsole(new MemoryLine(SILENT_DEVICE));
  const room = { totalBytes: 262_144, freeBytes: LAST_PAGE_BYTES + occupiedBytes(100), trashBytes: 0 };
  expect(() => refuseWithoutRoom(console, "log", 100, room)).not.toThrow();
  expect(() => refuseWithoutRoom(console, "log", 101, room)).toThrow(
    expect.objectContaining({ code: "MK1622", message: expect.stringContaining(" 132 are available") }),
  );
});
