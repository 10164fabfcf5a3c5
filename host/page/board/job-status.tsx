/** Progress and result of a job. */
import type { JobKind, Jobs } from "./job.ts";

export function JobStatus({ jobs, kind }: { jobs: Jobs; kind: JobKind }) {
  const progress = jobs.progressOf(kind);
  const outcome = jobs.outcomeOf(kind);
  return (
    <div class="job" role="status" data-job={kind}>
      {progress && (
        <>
          <p class="job-step">
            {progress.step}
            {progress.detail && <span class="quiet number"> {progress.detail}</span>}
          </p>
          <progress
            class="job-bar"
            aria-label={progress.step}
            max={1}
            {...(progress.share === undefined ? {} : { value: progress.share })}
          />
        </>
      )}
      {outcome?.lines.map((line, index) => (
        <p key={line} class={outcome.failed && index === 0 ? "alarm" : "job-line"}>
          {line}
        </p>
      ))}
    </div>
  );
}
