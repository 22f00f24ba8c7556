/** Whoever read our output has seen enough, as in `omnibus sub ... | head -1`: that is no error. */
export function endQuietlyOnBrokenPipe(): void {
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit(0);
    throw error;
  });
}
