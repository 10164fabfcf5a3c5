import { useState } from "preact/hooks";
import type { IssuedDevice } from "../../control/hub-devices.ts";
import { CopyButton } from "./copy-button.tsx";
import { Modal } from "./modal.tsx";

const PEM_TYPE = "application/x-pem-file";

/** Shows the new secrets of a device. They are shown only once. */
export function SecretsDialog({ issued, onClose }: { issued: IssuedDevice; onClose: () => void }) {
  const { device, secrets } = issued;
  const { password, certificatePem, keyPem } = secrets;
  const [outcome, setOutcome] = useState("");
  return (
    <Modal title={`Secrets of ${device.name}`} staysOpen onClose={onClose}>
      <p class="once">
        Copy these secrets now. They are not stored, and neither the hub nor this page can show them again. If
        you lose them, renew the device.
      </p>
      <Secret label="ID (also the user name)" text={device.id} onOutcome={setOutcome} />
      {password !== undefined && <Secret label="Password" text={password} onOutcome={setOutcome} />}
      {certificatePem !== undefined && (
        <Secret
          label="Certificate"
          text={certificatePem}
          file={`${device.id}.crt.pem`}
          onOutcome={setOutcome}
        />
      )}
      {keyPem !== undefined && (
        <Secret label="Private key" text={keyPem} file={`${device.id}.key.pem`} onOutcome={setOutcome} />
      )}
      <div class="modal-end">
        <p class="outcome" role="status">
          {outcome}
        </p>
        <button type="button" class="button primary" onClick={onClose}>
          Done
        </button>
      </div>
    </Modal>
  );
}

interface SecretProps {
  readonly label: string;
  readonly text: string;
  /** The file name for a download. */
  readonly file?: string;
  readonly onOutcome: (text: string) => void;
}

function Secret({ label, text, file, onOutcome }: SecretProps) {
  return (
    <section class="secret" aria-label={label}>
      <div class="secret-head">
        <h3 class="field-label">{label}</h3>
        <CopyButton text={text} label={label} onOutcome={onOutcome} />
        {file !== undefined && <Download name={file} text={text} label={label} />}
      </div>
      <pre class="secret-text">{text.trimEnd()}</pre>
    </section>
  );
}

function Download({ name, text, label }: { name: string; text: string; label: string }) {
  return (
    <a class="button small button-link" href={`data:${PEM_TYPE},${encodeURIComponent(text)}`} download={name}>
      Download<span class="hidden"> {label}</span>
    </a>
  );
}
