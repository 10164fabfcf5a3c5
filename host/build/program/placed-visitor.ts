/** Visitors whose exceptions have a place in the program. */
import { type NodePath, traverse, type Visitor } from "@babel/core";
import type { TraceMap } from "@jridgewell/trace-mapping";
import type { SourcePlace } from "../../errors.ts";
import { internalError } from "./internal-error.ts";
import { placeOf } from "./source-place.ts";

type Visit = (this: unknown, path: NodePath, state: unknown) => void;
interface Phases {
  readonly enter?: readonly Visit[];
  readonly exit?: readonly Visit[];
}

/** The same visitor; where it throws, the error has the place of the node that it was at. */
export function withPlaces(trace: TraceMap | undefined, visitor: Visitor): Visitor {
  const placed: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(traverse.explode({ ...visitor }))) {
    placed[key] = /^[A-Z]/.test(key) ? phasesWithPlaces(trace, value as unknown as Phases) : value;
  }
  return placed as Visitor;
}

function phasesWithPlaces(trace: TraceMap | undefined, phases: Phases): Phases {
  const wrap = (visit: Visit): Visit =>
    function (this: unknown, path, state) {
      try {
        visit.call(this, path, state);
      } catch (error) {
        throw internalError(error, placeNear(trace, path));
      }
    };
  return {
    ...(phases.enter && { enter: phases.enter.map(wrap) }),
    ...(phases.exit && { exit: phases.exit.map(wrap) }),
  };
}

/** A node that a pass made has no place; what it stands in does. */
function placeNear(trace: TraceMap | undefined, path: NodePath): SourcePlace | undefined {
  for (let at: NodePath | null = path; at; at = at.parentPath) {
    const place = at.node ? placeOf(at.node, trace) : undefined;
    if (place) return place;
  }
  return undefined;
}
