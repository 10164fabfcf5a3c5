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

/** Wraps a visitor, so that its exceptions have the place of the current node. */
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

/** A node that a pass created has no place, but an enclosing node has one. */
function placeNear(trace: TraceMap | undefined, path: NodePath): SourcePlace | undefined {
  for (let at: NodePath | null = path; at; at = at.parentPath) {
    const place = at.node ? placeOf(at.node, trace) : undefined;
    if (place) return place;
  }
  return undefined;
}
