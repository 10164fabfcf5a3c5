import { MotekitError } from "../../errors.ts";

/** An error with its remedy. Nothing if there is no error. */
export function ProblemText({ error }: { error: Error | undefined }) {
  return (
    <div role="alert" class="problem">
      {error && (
        <p>
          <span class="alarm">
            {error instanceof MotekitError && `${error.code} `}
            {error.message}
          </span>{" "}
          {error instanceof MotekitError && error.remedy}
        </p>
      )}
    </div>
  );
}
