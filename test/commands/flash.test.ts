/** `motekit flash` as a user runs it, on a pseudo-terminal, which has no lines for a reset: as after the two buttons. */
import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { packTar } from "modern-tar";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { loadBoard } from "../../host/boards.ts";
import { runCommand } from "../fixtures/command.ts";
import { chipModel, MAC } from "../fixtures/loader/chips.ts";
import { LoaderDevice } from "../fixtures/loader/loader-device.ts";
import { packageFiles } from "../fixtures/loader/packages.ts";
import { hasProgram } from "../fixtures/programs.ts";
import { Desk } from "../fixtures/serial/desk.ts";

const TEST_MS_MAX = 60_000;

describe.skipIf(!hasProgram("socat"))("flash", { timeout: TEST_MS_MAX }, () => {
  let desk: Desk<LoaderDevice>;
  const files = packageFiles(loadBoard("esp32"), 30_000);

  beforeEach(async () => {
    desk = await Desk.create(new LoaderDevice({ model: chipModel("esp32"), startsInDownloadMode: true }));
    for (const [name, bytes] of files) writeFileSync(join(desk.folder, name), bytes);
  });

  afterEach(() => desk.clear());

  test("writes a package, proves it, and says which button to press", async () => {
    const { exitCode, stdout, stderr } = await desk.motekit("flash", "--firmware", ".", "--baud", "115200");
    expect(stderr).not.toContain("error");
    expect(exitCode).toBe(0);
    expect(stdout).toContain(`MAC ${MAC}`);
    expect(stdout).toContain("written and verified by MD5");
    expect(stdout).toContain("Press RESET");
    const app = files.get("espruino_esp32.bin") as Uint8Array;
    expect(Buffer.from(desk.board.flash.subarray(0x10000, 0x10000 + app.length))).toEqual(Buffer.from(app));
  });

  test("needs nobody who tells which ports there are, where one is named", async () => {
    const args = ["flash", "--firmware", ".", "--baud", "115200", "--port", desk.port];
    const { exitCode, stdout, stderr } = await runCommand(args, desk.folder, { PATH: "/nowhere" });
    expect(stderr).not.toContain("error");
    expect(stdout).toContain("written and verified by MD5");
    expect(exitCode).toBe(0);
  });

  test("takes it from a URL that leads elsewhere, and tells as JSON what it did", async () => {
    const tar = await packTar(
      [...files].map(([name, body]) => ({ header: { name, size: body.length }, body })),
    );
    const server = createServer(({ url }, response) => {
      if (url === "/package.tar") response.end(tar);
      else response.writeHead(302, { location: "/package.tar" }).end();
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/latest`;
    const sha256 = createHash("sha256").update(tar).digest("hex");
    const firmware = ["--firmware", url, "--sha256", sha256.toUpperCase(), "--baud", "115200"];
    const { exitCode, stdout } = await desk.motekit("flash", ...firmware, "--json");
    server.close();
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      ok: true,
      chip: "ESP32",
      mac: MAC,
      writtenBytes: [...files.values()].reduce((sum, { length }) => sum + length, 0),
      wasReset: false,
    });
    for (const { file, offsetBytes } of loadBoard("esp32").flash?.images ?? []) {
      const bytes = files.get(file) as Uint8Array;
      const written = desk.board.flash.subarray(offsetBytes, offsetBytes + bytes.length);
      expect(Buffer.compare(written, bytes), file).toBe(0);
    }
  });

  test("erases the Storage of the board that --board describes, and says where that has another chip", async () => {
    const board = loadBoard("esp32");
    const storage = { ...board.storage, addressBytes: 0x100000, sizeBytes: 0x10000 };
    desk.write("own.json", JSON.stringify({ ...board, id: "own", storage }));
    desk.board.flash.fill(0x42);
    const options = ["--erase-storage", "--baud", "115200"];
    const erased = await desk.motekit("flash", ...options, "--board", "own.json");
    expect(erased.exitCode).toBe(0);
    expect(erased.stdout).toContain("The board's files were erased.");
    expect(erased.stdout).not.toContain("written");
    const expected = new Uint8Array(desk.board.flash.length).fill(0x42).fill(0xff, 0x100000, 0x110000);
    expect(Buffer.compare(desk.board.flash, expected)).toBe(0);
    const { exitCode, stderr } = await desk.motekit("flash", ...options, "--board", "esp32c3");
    expect(exitCode).toBe(1);
    expect(stderr).toContain(
      `MK1905 The board "esp32c3" has an esp32c3, but the chip on ${desk.port} is an ESP32`,
    );
  });

  test("erases all of the flash, and tells that as JSON", async () => {
    desk.board.flash.fill(0x42);
    const { exitCode, stdout } = await desk.motekit("flash", "--erase", "--baud", "115200", "--json");
    expect(exitCode).toBe(0);
    const { flashBytes } = JSON.parse(stdout);
    expect(JSON.parse(stdout)).toMatchObject({ ok: true, erased: "all", writtenBytes: 0, baudRate: 115_200 });
    expect(flashBytes).toBe(desk.board.flash.length);
    expect(desk.board.flash.every((byte) => byte === 0xff)).toBe(true);
  });

  test("Ctrl-C tells what state the board is in", async () => {
    const running = desk.start("flash", "--firmware", ".", "--baud", "115200", "--erase-storage");
    const { exitCode } = await new Promise<{ exitCode: number | null }>((resolve) => {
      desk.board.onErase = () => resolve(running.interrupt());
    });
    expect(exitCode).toBe(130);
    expect(running.errors).toContain(
      "Interrupted. The board's files are partly erased. Its interpreter is unchanged and starts.",
    );
  });
});
