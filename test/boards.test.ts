import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { boardFolder, boardSchema, listBoards, loadBoard } from "../host/boards.ts";

const folder = mkdtempSync(join(tmpdir(), "motekit-boards-"));
afterAll(() => rmSync(folder, { recursive: true }));

function boardFile(text: string): string {
  const path = join(folder, "board.json");
  writeFileSync(path, text);
  return path;
}

describe("listBoards and loadBoard", () => {
  it("list the four boards of motekit, each with a source for every figure", () => {
    const boards = listBoards();
    expect(boards.map((board) => board.id)).toEqual(["esp32", "esp32c3", "esp32s3", "linux"]);
    for (const board of boards) {
      const figures = Object.keys(board).filter(
        (field) => !["$schema", "id", "name", "chip", "espruinoBoard", "sources"].includes(field),
      );
      const named = figures.filter((field) => field !== "usb" || board.usb.length > 0);
      expect(Object.keys(board.sources).sort()).toEqual(named.sort());
    }
  });

  it("check boards with the same schema that editors use", () => {
    const written = JSON.parse(readFileSync(join(boardFolder(), "board.schema.json"), "utf8")) as unknown;
    expect(written).toEqual(z.toJSONSchema(boardSchema));
  });

  it("load a board file of the user", () => {
    const own = {
      ...loadBoard("esp32"),
      id: "my-board",
      pins: { led: { pin: "D13", activeLow: true }, button: null },
    };
    expect(loadBoard(boardFile(JSON.stringify(own)))).toEqual(own);
  });
});

describe("loadBoard", () => {
  it("an unknown board: the remedy lists the known boards", () => {
    expect(() => loadBoard("esp33")).toThrow(
      expect.objectContaining({
        code: "MK1101",
        remedy: expect.stringContaining("esp32, esp32c3, esp32s3, linux"),
      }),
    );
  });

  it("a missing board file: the error has its path", () => {
    expect(() => loadBoard("none.json")).toThrow(
      expect.objectContaining({ code: "MK1102", where: { file: "none.json" } }),
    );
  });

  it("a board file that is not JSON, lacks a field or has an unknown field: the message says which", () => {
    const good = loadBoard("linux");
    const cases = [
      "{",
      JSON.stringify({ ...good, tls: undefined }),
      JSON.stringify({ ...good, colour: "red" }),
    ];
    const messages = cases.map((text) => {
      try {
        loadBoard(boardFile(text));
        return "no error";
      } catch (error) {
        return (error as Error).message;
      }
    });
    expect(messages).toEqual([
      expect.stringContaining("not valid JSON"),
      expect.stringContaining("tls"),
      expect.stringContaining("colour"),
    ]);
  });
});
