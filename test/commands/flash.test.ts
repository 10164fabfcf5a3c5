/**
 * `motekit flash` on a pseudo-terminal. It has no control lines for a reset, so the board starts in download mode, as if the
 * user had pressed its two buttons.
 */
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
import { BoardSetup } from "../fixtures/serial/board-setup.ts";

const TEST_MS_MAX = 60_000;

describe.skipIf(!hasProgram("socat"))("motekit flash", { timeout: TEST_MS_MAX }, () => {
  let setup: BoardSetup<LoaderDevice>;
  const files = packageFiles(loadBoard("esp32"), 30_000);

  beforeEach(async () => {
    setup = await BoardSetup.create(
      new LoaderDevice({ model: chipModel("esp32"), startsInDownloadMode: true }),
    );
    for (const [name, bytes] of files) writeFileSync(join(setup.folder, name), bytes);
  });

  afterEach(() => setup.clear());

  test("writes and verifies a package, and asks to press RESET", async () => {
    const { exitCode, stdout, stderr } = await setup.motekit("flash", "--firmware", ".", "--baud", "115200");
    expect(stderr).not.toContain("error");
    expect(exitCode).toBe(0);
    expect(stdout).toContain(`MAC ${MAC}`);
    expect(stdout).toContain("written and verified by MD5");
    expect(stdout).toContain("Press RESET");
    const app = files.get("espruino_esp32.bin") as Uint8Array;
    expect(Buffer.from(setup.board.flash.subarray(0x10000, 0x10000 + app.length))).toEqual(Buffer.from(app));
  });

  test("works with --port on a computer where ports cannot be listed", async () => {
    const args = ["flash", "--firmware", ".", "--baud", "115200", "--port", setup.port];
    const { exitCode, stdout, stderr } = await runCommand(args, setup.folder, { PATH: "/nowhere" });
    expect(stderr).not.toContain("error");
    expect(stdout).toContain("written and verified by MD5");
    expect(exitCode).toBe(0);
  });

  test("downloads a package from a URL with a redirect, and prints the result as JSON", async () => {
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
    const { exitCode, stdout } = await setup.motekit("flash", ...firmware, "--json");
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
      const written = setup.board.flash.subarray(offsetBytes, offsetBytes + bytes.length);
      expect(Buffer.compare(written, bytes), file).toBe(0);
    }
  });

  test("--erase-storage erases the Storage of the board in --board, and refuses a board with another chip", async () => {
    const board = loadBoard("esp32");
    const storage = { ...board.storage, addressBytes: 0x100000, sizeBytes: 0x10000 };
    setup.write("own.json", JSON.stringify({ ...board, id: "own", storage }));
    setup.board.flash.fill(0x42);
    const options = ["--erase-storage", "--baud", "115200"];
    const erased = await setup.motekit("flash", ...options, "--board", "own.json");
    expect(erased.exitCode).toBe(0);
    expect(erased.stdout).toContain("The board's files were erased.");
    expect(erased.stdout).not.toContain("written");
    const expected = new Uint8Array(setup.board.flash.length).fill(0x42).fill(0xff, 0x100000, 0x110000);
    expect(Buffer.compare(setup.board.flash, expected)).toBe(0);
    const { exitCode, stderr } = await setup.motekit("flash", ...options, "--board", "esp32c3");
    expect(exitCode).toBe(1);
    expect(stderr).toContain(
      `MK1905 The board "esp32c3" has an esp32c3, but the chip on ${setup.port} is an ESP32`,
    );
  });

  test("--erase erases the whole flash, and prints the result as JSON", async () => {
    setup.board.flash.fill(0x42);
    const { exitCode, stdout } = await setup.motekit("flash", "--erase", "--baud", "115200", "--json");
    expect(exitCode).toBe(0);
    const { flashBytes } = JSON.parse(stdout);
    expect(JSON.parse(stdout)).toMatchObject({ ok: true, erased: "all", writtenBytes: 0, baudRate: 115_200 });
    expect(flashBytes).toBe(setup.board.flash.length);
    expect(setup.board.flash.every((byte) => byte === 0xff)).toBe(true);
  });

  test("Ctrl-C prints the state in which it leaves the board", async () => {
    const running = setup.start("flash", "--firmware", ".", "--baud", "115200", "--erase-storage");
    const { exitCode } = await new Promise<{ exitCode: number | null }>((resolve) => {
      setup.board.onErase = () => resolve(running.interrupt());
    });
    expect(exitCode).toBe(130);
    expect(running.errors).toContain(
      "Interrupted. The board's files are partly erased. Its interpreter is unchanged and starts.",
    );
  });
});
