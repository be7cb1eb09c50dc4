/** Name and version of this tool, as evidence and `--version` give them. Kept equal to package.json by a test. */
export const TOOL = "holdfast 0.1.0";
