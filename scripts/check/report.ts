/** What a check found, and how a check is run alone from the command line. */

/** One finding; a warning does not fail the check. */
export interface Finding {
  readonly path: string;
  /** 0 when the finding is about the whole file or tree. */
  readonly line: number;
  readonly message: string;
  readonly isWarning?: boolean;
}

/** The result of one check. */
export interface Report {
  readonly findings: readonly Finding[];
  /** What was looked at, such as `87 modules, 312 imports`. */
  readonly summary: string;
}

/** Whether nothing worse than a warning was found. */
export function isPassed(report: Report): boolean {
  return report.findings.every((finding) => finding.isWarning === true);
}

/** The findings as lines that editors and terminals can jump from. */
export function formatFindings(report: Report): string {
  return report.findings
    .map(({ path, line, message, isWarning }) => {
      const place = line > 0 ? `${path}:${line}` : path;
      return `${place}: ${isWarning === true ? "warning: " : ""}${message}`;
    })
    .join("\n");
}

/** Prints `report` and sets the exit code: the main program of a check that is started alone. */
export function printReport(name: string, report: Report): void {
  const text = formatFindings(report);
  if (text !== "") console.error(text);
  console.log(`${name}: ${isPassed(report) ? "ok" : "failed"} (${report.summary})`);
  if (!isPassed(report)) process.exitCode = 1;
}
