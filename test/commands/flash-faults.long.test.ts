/**
 * Errors of `motekit flash` because of a package, a port or a board. Each has a code and a remedy, as text and as JSON, and
 * the exit code is 1.
 */
import { chmodSync, chownSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "fflate";
import { packTar } from "modern-tar";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { loadBoard } from "../../host/boards.ts";
import { openNodeLine } from "../../host/serial/node-line.ts";
import { type Outcome, runCommand, runProcess } from "../fixtures/command.ts";
import { chipModel } from "../fixtures/loader/chips.ts";
import { LoaderDevice } from "../fixtures/loader/loader-device.ts";
import type { LoaderDeviceOptions } from "../fixtures/loader/loader-options.ts";
import { packageFiles } from "../fixtures/loader/packages.ts";
import { hasProgram } from "../fixtures/programs.ts";
import { BoardSetup } from "../fixtures/serial/board-setup.ts";

const TEST_MS_MAX = 120_000;
const NOBODY = 65_534;
/** A position after the stub loader, inside the package. */
const CUT_AT_BYTE = 18_000;
const NO_SHA256 = "0".repeat(64);

const files = packageFiles(loadBoard("esp32"), 30_000);
let folder: string;
let server: Server;
let url: string;

function writePackage(name: string, content: ReadonlyMap<string, Uint8Array>): void {
  mkdirSync(join(folder, name));
  for (const [file, bytes] of content) writeFileSync(join(folder, name, file), bytes);
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "motekit-flash-faults-"));
  chmodSync(folder, 0o755);
  writePackage("package", files);
  const app = Uint8Array.from(files.get("espruino_esp32.bin") as Uint8Array);
  app[1_000] = (app[1_000] as number) ^ 1;
  writePackage("damaged", new Map([...files, ["espruino_esp32.bin", app]]));
  const tar = await packTar(
    [...files].map(([name, body]) => ({ header: { name, size: body.length }, body })),
  );
  const tgz = gzipSync(tar);
  writeFileSync(join(folder, "package.tgz"), tgz);
  writeFileSync(join(folder, "cut.tgz"), tgz.subarray(0, tgz.length / 2));
  server = createServer(({ url: path }, response) => {
    if (path === "/package.tgz") response.end(tgz);
    else if (path === "/elsewhere") response.writeHead(302, { location: "/none" }).end();
    else if (path === "/circle") response.writeHead(302, { location: "/circle" }).end();
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true });
});

function expectProblem(
  { exitCode, stdout, stderr }: Outcome,
  isJson: boolean,
  code: string,
  message: RegExp,
) {
  expect(exitCode).toBe(1);
  expect(stderr).not.toMatch(/\n\s+at /);
  if (isJson) {
    expect(JSON.parse(stdout)).toEqual({
      ok: false,
      problems: [expect.objectContaining({ code, message: expect.stringMatching(message) })],
    });
    expect(JSON.parse(stdout).problems[0].remedy).toMatch(/\w+ \w+/);
  } else {
    expect(stdout).toBe("");
    expect(stderr).toContain(`error ${code} `);
    expect(stderr).toMatch(message);
    expect(stderr).toMatch(/how to fix: \w+/);
  }
}

/** `URL` stands for the URL of the test's server. */
const BEFORE_THE_PORT: readonly (readonly [string, string[], string, RegExp])[] = [
  ["no --firmware and no --erase", [], "MK1911", /no package of the interpreter/],
  ["a folder without a package", ["--firmware", "/"], "MK1902", /is not a complete Espruino package/],
  ["a missing package file", ["--firmware", "none.zip"], "MK1901", /none\.zip/],
  [
    "a file that is not an archive",
    ["--firmware", "package/bootloader.bin"],
    "MK1901",
    /not a valid \.zip, \.tar or \.tgz/,
  ],
  ["a truncated archive", ["--firmware", "cut.tgz"], "MK1901", /cut\.tgz .* is not a valid/],
  ["a damaged image", ["--firmware", "damaged"], "MK1903", /espruino_esp32\.bin is damaged/],
  [
    "a package with another SHA-256",
    ["--firmware", "package.tgz", "--sha256", NO_SHA256],
    "MK1909",
    /0{64} was expected/,
  ],
  ["--sha256 with a folder", ["--firmware", "package", "--sha256", NO_SHA256], "MK1909", /is a folder/],
  ["--sha256 without --firmware", ["--erase", "--sha256", NO_SHA256], "MK1909", /without --firmware/],
  ["a URL without --sha256", ["--firmware", "URL/package.tgz"], "MK1909", /SHA-256 of .* is required/],
  [
    "a URL of a package with another SHA-256",
    ["--firmware", "URL/package.tgz", "--sha256", NO_SHA256],
    "MK1909",
    /0{64} was expected/,
  ],
  ["a URL that the server does not have", ["--firmware", "URL/none", "--sha256", NO_SHA256], "MK1910", /404/],
  [
    "a URL that redirects to a missing one",
    ["--firmware", "URL/elsewhere", "--sha256", NO_SHA256],
    "MK1910",
    /404/,
  ],
  [
    "a URL that redirects to itself",
    ["--firmware", "URL/circle", "--sha256", NO_SHA256],
    "MK1910",
    /redirect/,
  ],
  [
    "a URL without a server",
    ["--firmware", "http://127.0.0.1:1/p.zip", "--sha256", NO_SHA256],
    "MK1910",
    /127\.0\.0\.1:1/,
  ],
  [
    "a package for another board",
    ["--firmware", "package", "--board", "esp32c3"],
    "MK1902",
    /Missing files by board: .*esp32c3: /,
  ],
  ["an unknown board", ["--erase-storage", "--board", "esp33"], "MK1101", /"esp33"/],
  ["a board that cannot be flashed", ["--erase-storage", "--board", "linux"], "MK1912", /"linux"/],
  ["a missing port", ["--firmware", "package"], "MK1601", /\/dev\/none/],
];

interface BoardCase {
  readonly options?: Partial<LoaderDeviceOptions>;
  readonly args: string[];
  readonly code: string;
  readonly message: RegExp;
  /** Changes the setup before the command runs. Returns a function that undoes the change. */
  prepare?(setup: BoardSetup<LoaderDevice>): Promise<() => Promise<void>> | undefined;
}

const esp32 = { model: chipModel("esp32"), startsInDownloadMode: true };
const PACKAGE = ["--firmware", "package", "--baud", "115200"];
const ON_THE_BOARD: Readonly<Record<string, BoardCase>> = {
  "a package for another chip": {
    options: { model: chipModel("esp32c3") },
    args: PACKAGE,
    code: "MK1905",
    message: /is for ESP32, but the chip on \S+ is an ESP32-C3 .* Nothing was written to the board/,
  },
  "a board with another chip": {
    args: ["--erase-storage", "--board", "esp32s3"],
    code: "MK1905",
    message: /"esp32s3".* is an ESP32 .* Nothing was written to the board/,
  },
  "a flash that is too small for the package": {
    options: { flashId: 0x15_40_20 },
    args: PACKAGE,
    code: "MK1907",
    message: /has 2097152 bytes of flash, but 4194304 are required: .+\. Nothing was written to the board/,
  },
  "a flash with an unknown size": {
    options: { flashId: 0xff_ff_ff },
    args: PACKAGE,
    code: "MK1907",
    message:
      /cannot determine the flash size of the chip on \S+ \(JEDEC ID 0xffffff\)\. Nothing was written to the board/,
  },
  "a board that is not in download mode": {
    options: { startsInDownloadMode: false },
    args: PACKAGE,
    code: "MK1904",
    message:
      /No chip in download mode responds on \S+\. It sent nothing: .+ Nothing was written to the board/,
  },
  "a board that is unplugged half-way": {
    args: PACKAGE,
    code: "MK1604",
    message: /was unplugged\. The board's flash is partly written/,
    prepare({ board, pty }) {
      let count = 0;
      const receive = board.receive.bind(board);
      board.receive = (bytes) => {
        receive(bytes);
        const before = count;
        count += bytes.length;
        if (before <= CUT_AT_BYTE && count > CUT_AT_BYTE) void pty.unplug();
      };
      return undefined;
    },
  },
  "a port in use by another program": {
    args: PACKAGE,
    code: "MK1602",
    message: new RegExp(`is in use by \\S+.* \\(process ${process.pid}\\)`),
    prepare: async ({ port }) => {
      const line = await openNodeLine(port);
      return () => line.close();
    },
  },
};

describe.each([false, true])("motekit flash with --json %s", { timeout: TEST_MS_MAX }, (isJson) => {
  const json = isJson ? ["--json"] : [];

  test.concurrent.each(BEFORE_THE_PORT)(
    "reports %s before it opens the port",
    async (_, args, code, message) => {
      const given = args.map((arg) => arg.replace(/^URL/, url));
      expectProblem(
        await runCommand(["flash", ...given, ...json, "--port", "/dev/none"], folder),
        isJson,
        code,
        message,
      );
    },
  );

  const testHere = test.skipIf(!hasProgram("socat"));

  testHere.each(Object.entries(ON_THE_BOARD))(
    "reports %s",
    async (_, { options, args, code, message, prepare }) => {
      const setup = await BoardSetup.create(new LoaderDevice({ ...esp32, ...options }));
      const undo = await prepare?.(setup);
      try {
        // A separate process, because the message names the process that uses the port.
        const outcome = await runProcess(["flash", ...args, ...json, "--port", setup.port], folder);
        expectProblem(outcome, isJson, code, message);
      } finally {
        await undo?.();
        await setup.clear();
      }
    },
  );

  test.skipIf(process.getuid?.() !== 0 || !hasProgram("socat"))(
    "reports a port that the user may not open",
    async () => {
      const setup = await BoardSetup.create(new LoaderDevice(esp32));
      const device = realpathSync(setup.port);
      chownSync(device, 0, 20);
      chmodSync(device, 0o660);
      const args = ["flash", "--firmware", join(folder, "package"), ...json, "--port", device];
      expectProblem(await runProcess(args, "/", {}, NOBODY), isJson, "MK1603", /\/dev\/pts\/\d+/);
      await setup.clear();
    },
  );
});
