import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Probes run in a folder of their own: Espruino for Linux keeps its flash in a file beside it. */
const probeMsMax = 20_000;

export function hasEspruino(): boolean {
  return spawnSync("espruino", ["--help"], { stdio: "ignore" }).error === undefined;
}

/**
 * Runs a program on the real interpreter and gives the lines that it prints after a tab, up to `END`. The program ends
 * itself by printing `END`; its standard input stays open, since the interpreter stops at its end.
 */
export function runOnEspruino(program: string): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), "espruino-probe-"));
  writeFileSync(join(folder, "probe.js"), program);
  return new Promise((resolve, reject) => {
    const child = spawn("espruino", ["probe.js"], { cwd: folder, stdio: ["pipe", "pipe", "inherit"] });
    let output = "";
    const timer = setTimeout(() => child.kill("SIGKILL"), probeMsMax);
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      output += text;
      if (output.includes("\tEND")) child.kill("SIGKILL");
    });
    child.on("error", reject);
    child.on("close", () => {
      clearTimeout(timer);
      rmSync(folder, { recursive: true });
      if (!output.includes("\tEND")) reject(new Error(`The probe did not end by itself:\n${output}`));
      else
        resolve(
          output
            .split(/\r?\n/)
            .filter((line) => line.startsWith("\t") && line !== "\tEND")
            .map((line) => line.slice(1)),
        );
    });
  });
}

/**
 * A network inside the interpreter, and one HTTP exchange and one datagram socket over it. The objects that only live
 * during an exchange are kept in `seen`; then `finish` is called.
 */
export const exchangeOverLoopback = `
var ends = {}, handles = 0, waiting = [], seen = {};
require("NetworkJS").create({
  create: function (host, port, type) {
    var id = ++handles;
    if (host === undefined) return id;
    var peer = ++handles;
    ends[id] = { text: "", peer: peer, closed: false };
    ends[peer] = { text: "", peer: id, closed: false };
    waiting.push(peer);
    return id;
  },
  close: function (id) {
    var end = ends[id];
    if (end && ends[end.peer]) ends[end.peer].closed = true;
    delete ends[id];
  },
  accept: function (id) { return waiting.length ? waiting.shift() : -1; },
  recv: function (id, max) {
    var end = ends[id];
    if (!end) return "";
    var text = end.text.substr(0, max);
    end.text = end.text.substr(text.length);
    return text == "" && end.closed ? -1 : text;
  },
  send: function (id, text) {
    var end = ends[id];
    if (!end || !ends[end.peer]) return -1;
    ends[end.peer].text += text;
    return text.length;
  },
});
seen.server = require("http").createServer(function (request, response) {
  seen.serverRequest = request;
  seen.serverResponse = response;
  response.writeHead(200, { a: "b" });
  response.end("body");
});
seen.server.listen(80);
seen.clientRequest = require("http").get({ host: "1.2.3.4", port: 80, path: "/" }, function (response) {
  seen.clientResponse = response;
});
seen.datagramSocket = new dgramSocket();
setTimeout(function () { finish(); print("\\tEND"); }, 500);
`;
