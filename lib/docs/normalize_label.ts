/** Labels compare case-folded with white space collapsed (CommonMark 0.31, section 4.7). */
export function normalizeLabel(label: string): string {
  return label.replace(/\s+/g, " ").trim().toLowerCase().toUpperCase();
}
