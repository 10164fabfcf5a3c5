/**
 * Records what a computation asks the file system, so that a later run knows whether it would get the same answers, and so the
 * same result.
 */
import { readFileSync, realpathSync, statSync } from "node:fs";
import { digestOf } from "./store.ts";

/** The questions that the TypeScript compiler asks, by its own names, with the answers that its own host gives. */
export interface FileSystem {
  fileExists(path: string): boolean;
  readFile(path: string): string | undefined;
  directoryExists(path: string): boolean;
  realpath(path: string): string;
}

type Question = keyof FileSystem;

/** Answers by path for each question. A text is noted as its digest, and null stands for undefined. */
export type Transcript = Readonly<Record<Question, Readonly<Record<string, string | boolean | null>>>>;

const QUESTIONS: readonly Question[] = ["fileExists", "readFile", "directoryExists", "realpath"];
/** Noted for a file that changed during the recording. No answer is the same. */
const CHANGED = "changed";

export const DISK: FileSystem = {
  fileExists: (path) => statSync(path, { throwIfNoEntry: false })?.isFile() === true,
  readFile: (path) => orElse(() => textOf(readFileSync(path)), undefined),
  directoryExists: (path) => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true,
  realpath: (path) => orElse(() => realpathSync.native(path), path),
};

function orElse<T>(look: () => T, otherwise: T): T {
  try {
    return look();
  } catch {
    return otherwise;
  }
}

/** Sources may begin with the byte order mark of UTF-8 or UTF-16, as the compiler's own host reads them. */
function textOf(bytes: Buffer): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return bytes.toString("utf16le", 2);
  if (bytes[0] === 0xfe && bytes[1] === 0xff) {
    return Buffer.from(bytes.subarray(0, bytes.length & ~1))
      .swap16()
      .toString("utf16le", 2);
  }
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf
    ? bytes.toString("utf8", 3)
    : bytes.toString("utf8");
}

function noteOf(question: Question, answer: string | boolean | undefined): string | boolean | null {
  return question === "readFile" && typeof answer === "string" ? digestOf([answer]) : (answer ?? null);
}

/** The same file system, which notes its answers in `transcript`. */
export function recording(files: FileSystem): { files: FileSystem; transcript: Transcript } {
  const notes = (): Record<string, string | boolean | null> => Object.create(null);
  const transcript = { fileExists: notes(), readFile: notes(), directoryExists: notes(), realpath: notes() };
  const asked = <T extends string | boolean | undefined>(question: Question, path: string, answer: T): T => {
    const note = noteOf(question, answer);
    const answers = transcript[question];
    answers[path] = path in answers && answers[path] !== note ? CHANGED : note;
    return answer;
  };
  return {
    transcript,
    files: {
      fileExists: (path) => asked("fileExists", path, files.fileExists(path)),
      readFile: (path) => asked("readFile", path, files.readFile(path)),
      directoryExists: (path) => asked("directoryExists", path, files.directoryExists(path)),
      realpath: (path) => asked("realpath", path, files.realpath(path)),
    },
  };
}

/** Tells whether this file system gives all the answers of a transcript. */
export function givesSameAnswers(files: FileSystem, transcript: Transcript): boolean {
  return QUESTIONS.every((question) =>
    Object.entries(transcript[question]).every(
      ([path, note]) => noteOf(question, files[question](path)) === note,
    ),
  );
}
