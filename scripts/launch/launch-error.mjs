/** Why the launcher gives up: one sentence for the user, and the exit code. */
export class LaunchError extends Error {
  /**
   * @param {string} message one sentence, or "" when nothing needs to be said
   * @param {number} [exitCode] default 1
   */
  constructor(message, exitCode = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}

/**
 * The code of a system error, such as `EACCES`.
 *
 * @param {unknown} error
 */
export function codeOf(error) {
  return /** @type {NodeJS.ErrnoException} */ (error).code ?? "unknown";
}
