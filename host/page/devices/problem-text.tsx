import { MotekitError } from "../../errors.ts";

/** What went wrong, and what to do about it; nothing where nothing did. */
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
