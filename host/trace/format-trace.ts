/** A decoded trace for a person, and for a machine. */
import { formatPlace } from "../errors.ts";
import type { DecodedFrame, DecodedTrace } from "./trace-decoder.ts";

/**
 * The message, and a line for each frame, `    at fn (src/main.ts:12:7)`, with the source below the first of them
 * that has one. A frame of other code stays as it came.
 */
export function formatTrace(trace: DecodedTrace): string[] {
  const framesLength = trace.frames.reduce((sum, frame) => sum + frame.lines.length, 0);
  const headLength = trace.message === undefined ? 0 : trace.message.split("\n").length;
  const top = trace.frames.find((frame) => frame.source);
  const tail = trace.lines.slice(headLength + framesLength);
  return [
    ...trace.lines.slice(0, headLength),
    ...trace.frames.flatMap((frame) => [
      ...formatFrame(frame),
      ...(frame === top ? trace.codeFrame.map((line) => `      ${line}`) : []),
    ]),
    // `in function called from system` names the last frame, which stands above.
    ...(trace.frames.at(-1)?.source ? [] : tail),
  ];
}

function formatFrame({ functionName, source, lines }: DecodedFrame): readonly string[] {
  if (!source) return lines;
  const place = formatPlace(source);
  return [functionName === undefined ? `    at ${place}` : `    at ${functionName} (${place})`];
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
