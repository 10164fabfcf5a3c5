/** Formats a decoded stack trace for persons and for programs. */
import { formatPlace } from "../errors.ts";
import type { DecodedFrame, DecodedTrace } from "./trace-decoder.ts";

/**
 * Formats the message and a line for each frame, `    at fn (src/main.ts:12:7)`, with the source below the first frame that has
 * one. A frame of other code keeps its place, and the source line and caret of the interpreter.
 */
export function formatTrace(trace: DecodedTrace): string[] {
  const headLength = trace.message === undefined ? 0 : trace.message.split("\n").length;
  const top = trace.frames.find((frame) => frame.source);
  return [
    ...trace.lines.slice(0, headLength),
    ...trace.frames.flatMap((frame) => [
      ...formatFrame(frame),
      ...(frame === top ? trace.codeFrame.map((line) => `      ${line}`) : []),
    ]),
  ];
}

function formatFrame({ functionName, source, generated, lines }: DecodedFrame): readonly string[] {
  const place = source ? formatPlace(source) : `${generated.file}:${generated.line}:${generated.column}`;
  const frame = functionName === undefined ? `    at ${place}` : `    at ${functionName} (${place})`;
  return source ? [frame] : [frame, ...lines.slice(1)];
}

export function traceRecord(trace: DecodedTrace): object {
  return {
    message: trace.message,
    frames: trace.frames.map(({ functionName, source, generated }) => ({
      function: functionName,
      source,
      generated,
    })),
    codeFrame: trace.codeFrame,
  };
}
