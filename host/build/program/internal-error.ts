/** Exceptions of the build's own code, as problems with the place in the program that it could not handle. */
import { MotekitError, type SourcePlace } from "../../errors.ts";

/** An exception that nothing expects becomes MK0001; a MotekitError stays as it is. */
export function internalError(error: unknown, where: SourcePlace | undefined): MotekitError {
  if (error instanceof MotekitError) return error;
  const reason = error instanceof Error ? error.message : String(error);
  return new MotekitError(
    {
      code: "MK0001",
      message: `The build failed because of a bug in motekit: ${reason}`,
      ...(where && { where }),
      remedy: "Report it with the code at this place. Until it is fixed, write the code differently.",
    },
    { cause: error },
  );
}
