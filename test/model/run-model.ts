import type { Report } from "../prove/report.ts";
import { runBridge } from "./bridge.ts";
import { isInstalled, openWorkshop, readSearch, type Searched, type Workshop } from "./spin.ts";

/** A part of the model that is searched by itself, with what is claimed of it and what must be found possible in it. */
interface Part {
	readonly name: string;
	readonly flags: readonly string[];
	readonly claims: readonly string[];
	readonly possible: readonly string[];
}

const MONEY = ["-DDEBT", "-DORDERS", "-DENDS"];
const PARTS: readonly Part[] = [
	{
		name: "debt, orders and ends",
		flags: MONEY,
		claims: [
			"f1_help",
			"f3_notices",
			"f3_orders",
			"f4_one_level",
			"f6_payment",
			"f7_absorbing",
			"f10_confirmed",
			"f13_held",
			"f14_call",
			"f16_dead",
		],
		possible: ["never_full", "never_overdue", "never_ordered", "never_free"],
	},
	{
		name: "budget and power cuts",
		flags: ["-DOFFLINE"],
		claims: ["f1_help", "f5_offline", "f7_absorbing", "f10_confirmed", "l1_budget"],
		possible: ["never_offline"],
	},
];

/** Models that are wrong on purpose, and the claim that must fail; "assertions": those in the model itself. */
const WRONG: readonly { readonly flag: string; readonly flags: readonly string[]; readonly claim: string }[] = [
	{ flag: "POSTPAID", flags: ["-DOFFLINE"], claim: "assertions" },
	{ flag: "NO_NOTICE", flags: ["-DDEBT"], claim: "f3_notices" },
	{ flag: "NOT_ABSORBING", flags: ["-DDEBT"], claim: "f7_absorbing" },
	{ flag: "NO_DWELL", flags: ["-DDEBT"], claim: "f4_one_level" },
	{ flag: "FULL_SHUTS_CALLS", flags: ["-DDEBT"], claim: "f1_help" },
	{ flag: "CALL_IGNORED", flags: ["-DDEBT"], claim: "f14_call" },
];

const DEPTH = "-m2000000";

/** How much of the model is run. */
export interface ModelOptions {
	/** Random stories each way over the bridge. */
	readonly traces?: number;
	readonly seed?: number;
	/** Where spin or a C compiler is not installed the model is skipped, which is a failure only if somebody asked for it. */
	readonly isAskedFor?: boolean;
}

/**
 * Searches the Promela model to its end for each of its claims, sees that models which are wrong on purpose are found out, and
 * crosses the bridge between the model and the shipped agent both ways.
 */
export function runModel({ traces = 100, seed = 1, isAskedFor = false }: ModelOptions = {}): Report {
	const missing = ["spin", "gcc"].filter((command) => !isInstalled(command));
	if (missing.length > 0) {
		const line = `model: skipped, ${missing.join(" and ")} not installed (Debian: apt-get install ${missing.join(" ")})`;
		return { ok: !isAskedFor, figures: { skipped: true }, lines: [line] };
	}
	const workshop = openWorkshop();
	try {
		const reports = [
			...PARTS.map((part) => searchPart(workshop, part)),
			findOut(workshop),
			runBridge(workshop, { traces, seed }),
		];
		return {
			ok: reports.every(({ ok }) => ok),
			figures: Object.assign({ skipped: false }, ...reports.map(({ figures }) => figures)),
			lines: reports.flatMap(({ lines }) => lines),
		};
	} finally {
		workshop.close();
	}
}

function searchPart(workshop: Workshop, { name, flags, claims, possible }: Part): Report {
	workshop.build([...flags, "-DCLAIMS"]);
	const began = performance.now();
	const asserted = search(workshop, "assertions");
	const lines = [`model: ${name}: ${asserted.states} states, depth ${asserted.depth}, ${asserted.errors} assertions violated`];
	let ok = asserted.errors === 0 && asserted.isComplete;
	for (const claim of claims) {
		const found = search(workshop, claim);
		ok &&= found.errors === 0 && found.isComplete;
		const end = found.isComplete ? "" : ", not searched to the end";
		lines.push(`  ${claim}: ${found.states} states, depth ${found.depth}, ${found.errors} errors${end}`);
	}
	for (const claim of possible) {
		const isReached = search(workshop, claim).errors > 0;
		ok &&= isReached;
		lines.push(`  ${claim}: ${isReached ? "false, as it must be" : "NOT REACHED: the claims above say nothing"}`);
	}
	const figures = { [`states: ${name}`]: asserted.states, [`seconds: ${name}`]: Math.round((performance.now() - began) / 1000) };
	return { ok, figures, lines };
}

function findOut(workshop: Workshop): Report {
	let ok = true;
	const lines: string[] = [];
	for (const { flag, flags, claim } of WRONG) {
		workshop.build([...flags, "-DCLAIMS", `-D${flag}`]);
		const { errors, depth } = search(workshop, claim);
		ok &&= errors > 0;
		lines.push(`  ${flag}: ${errors > 0 ? `found out by ${claim} at depth ${depth}` : `NOT FOUND OUT by ${claim}`}`);
	}
	return { ok, figures: { wrongModels: WRONG.length }, lines: ["model: wrong on purpose", ...lines] };
}

function search(workshop: Workshop, claim: string): Searched {
	return readSearch(workshop.run("./pan", DEPTH, ...(claim === "assertions" ? ["-noclaim"] : ["-a", "-N", claim])));
}
