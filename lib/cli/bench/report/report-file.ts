// A file for a report, opened before the load starts: whatever prevents writing it shows before any call. What was in
// it stays until the report is ready.

import { type FileHandle, open } from 'node:fs/promises';
import { writing } from '../../command/failure.ts';

export class ReportFile {
  readonly #path: string;
  readonly #handle: FileHandle;

  private constructor(path: string, handle: FileHandle) {
    this.#path = path;
    this.#handle = handle;
  }

  /** Throws a LocalError that says why it cannot be written. */
  static async open(path: string): Promise<ReportFile> {
    // Appending: neither a load that fails nor one that is interrupted empties a report of before.
    return new ReportFile(path, await writing(path, () => open(path, 'a')));
  }

  /** Writes all of it, in place of what was there. */
  async write(text: string): Promise<void> {
    try {
      await writing(this.#path, async () => {
        await emptied(this.#handle);
        await this.#handle.writeFile(text);
      });
    } finally {
      await this.#handle.close();
    }
  }
}

/** Pipes and devices have no length. */
export async function emptied(handle: FileHandle): Promise<void> {
  if ((await handle.stat()).isFile()) await handle.truncate(0);
}
