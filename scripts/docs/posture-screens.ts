import { type Cell, CONTROLS, type Column, type Control, cellOf, labelOf } from "../../agent/policy/posture.ts";

/** Columns that the screens tell apart, in the order in which they restrict more. */
const SHOWN = ["unlocked", "grace", "limited", "full"] as const satisfies readonly Column[];

/** The posture table for the Android screens, so that what the borrower reads is what the agent goes by. */
export function postureTableJava(): string {
	const rows = CONTROLS.map((control) => {
		const cells = SHOWN.map((column) => constantOf(cellOf(control, column)));
		return `        new PostureTable(R.string.${resourceOf(control)}, ${cells.join(", ")}),\n`;
	});
	return `// Written by npm run docs from agent/policy/posture.ts. Never edited.
package dev.holdfast.agent.screens;

import dev.holdfast.agent.R;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/** One control and where it is restricted. */
final class PostureTable {
  static final int OPEN = 0;
  static final int OFF = 1;
  static final int OFF_IF_POSSIBLE = 2;

  /** Columns. */
${SHOWN.map((column, index) => `  static final int ${column.toUpperCase()} = ${index};\n`).join("")}  /** No column at all. */
  static final int NEVER = ${SHOWN.length};

  static final List<PostureTable> ROWS =
      Collections.unmodifiableList(Arrays.asList(
${rows.join("").replace(/,\n$/, "")}));

  /** What the borrower reads: a string resource. */
  final int label;

  /** By column. */
  final int[] cells;

  private PostureTable(int label, int... cells) {
    this.label = label;
    this.cells = cells;
  }

  /** The first column that restricts it, or NEVER. */
  int firstRestricted() {
    int column = 0;
    while (column < cells.length && cells[column] == OPEN) {
      column++;
    }
    return column;
  }
}
`;
}

/** The posture table for the borrower's page. Its words stand in the page's languages, held equal to the phone's by a test. */
export function postureTableScript(): string {
	const rows = CONTROLS.map((control) => {
		const cells = SHOWN.map((column) => `${column}: "${pageWordOf(cellOf(control, column))}"`);
		return `	{ control: "${control}", ${cells.join(", ")} },\n`;
	});
	return `// Written by npm run docs from agent/policy/posture.ts. Never edited.

/** Whether a control works. \`may_be_off\`: off on phones that can do that. */
export type Works = "open" | "off" | "may_be_off";
/** Where the contract stands, as far as it matters for what works. */
export type Column = ${SHOWN.map((column) => `"${column}"`).join(" | ")};

/** One control of the phone, and where it works. */
export type PostureRow = { readonly control: string } & Readonly<Record<Column, Works>>;

export const POSTURE_TABLE: readonly PostureRow[] = [
${rows.join("")}];
`;
}

function pageWordOf({ value, criticality }: Cell): string {
	if (value === "open") return "open";
	return criticality === "must" ? "off" : "may_be_off";
}

/** The controls' names in English, as resources. */
export function controlStrings(): string {
	const lines = CONTROLS.map((control) => `  <string name="${resourceOf(control)}">${escaped(labelOf(control))}</string>\n`);
	return `<?xml version="1.0" encoding="utf-8"?>
<!-- Written by npm run docs from agent/policy/posture.ts. Never edited. -->
<resources>
${lines.join("")}</resources>
`;
}

function constantOf({ value, criticality }: Cell): string {
	if (value === "open") return "OPEN";
	return criticality === "must" ? "OFF" : "OFF_IF_POSSIBLE";
}

/** `cameraAndGallery` is `control_camera_and_gallery`. */
function resourceOf(control: Control): string {
	return `control_${control.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}`;
}

/** As aapt2 reads text. */
function escaped(text: string): string {
	return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll("'", "\\'");
}
