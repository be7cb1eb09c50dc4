import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { parser } from "@prometheus-io/lezer-promql";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";

import { createOperations, type Operations } from "../../../../provisioning/registry/operations/operations.ts";
import { startTestRegistry, type TestRegistry } from "../test-registry.ts";

const FOLDER = fileURLToPath(new URL("../../../../provisioning/registry/operations/", import.meta.url));
const read = (name: string) => readFileSync(`${FOLDER}${name}`, "utf8");

interface Rule {
	readonly alert: string;
	readonly expr: string;
	readonly annotations: { readonly runbook: string };
}
const rules = (parse(read("alerts.yml")) as { groups: { rules: Rule[] }[] }).groups.flatMap((group) => group.rules); // our own file
const dashboard = JSON.parse(read("grafana-dashboard.json")) as {
	panels: { title: string; targets?: { expr: string }[]; gridPos: { x: number; y: number; w: number; h: number } }[];
}; // our own file

const queries: readonly (readonly [name: string, expr: string])[] = [
	...rules.map(({ alert, expr }) => [alert, expr] as const),
	...dashboard.panels.flatMap(({ title, targets = [] }) => targets.map(({ expr }) => [title, expr] as const)),
];

/** Labels and metrics that Prometheus itself adds. */
const ITS_OWN_METRICS = ["up"];
const ITS_OWN_LABELS = ["instance", "job"];

interface Selector {
	readonly metric: string;
	readonly matchers: readonly { readonly label: string; readonly op: string; readonly value: string }[];
}

/** What a query asks for. Throws where it is no PromQL. */
function selectorsOf(expr: string): { selectors: Selector[]; grouping: string[] } {
	const selectors: { metric: string; matchers: { label: string; op: string; value: string }[] }[] = [];
	const grouping: string[] = [];
	const tree = parser.parse(expr);
	tree.iterate({
		enter(node) {
			const text = expr.slice(node.from, node.to);
			if (node.type.isError) throw new Error(`not PromQL at ${node.from}: ${expr}`);
			if (node.name === "VectorSelector") selectors.push({ metric: "", matchers: [] });
			const last = selectors.at(-1);
			if (node.name === "Identifier" && node.node.parent?.name === "VectorSelector" && last) last.metric = text;
			if (node.name === "UnquotedLabelMatcher" && last) {
				const [, label = "", op = "", value = ""] = /^(\w+)\s*(=~|!~|!=|=)\s*"(.*)"$/.exec(text) ?? [];
				last.matchers.push({ label, op, value });
			}
			if (node.name === "LabelName" && node.node.parent?.name === "GroupingLabels") grouping.push(text);
		},
	});
	return { selectors, grouping };
}

let registry: TestRegistry;
let operations: Operations;
let families: Map<string, string>;
let series: { readonly name: string; readonly labels: Readonly<Record<string, string>> }[];
beforeAll(async () => {
	operations = createOperations({ version: "1", dataFolder: "." });
	registry = await startTestRegistry({ operations });
	await fetch(`${registry.url}/v1/nothing`);
	await fetch(`${registry.url}/v1/device/check-in`, { method: "POST", body: "rubbish" });
	for (const code of ["CHECK_IN_REFUSED", "RATE_LIMITED"]) operations.refused(code);
	operations.queues.read.ran(1, 1, 1);
	const observer = operations.observing({} as never, { span: null } as never).observer; // of the context only the observer is asked for
	observer?.outcome("refused", "FROM_THE_FUTURE");
	await observer?.phase("read", () => undefined);
	const text = await operations.read();
	families = new Map([...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name = "", type = ""]) => [name, type]));
	series = [...text.matchAll(/^(\w+)(?:\{(.*)\})? \S+$/gm)].map(([, name = "", labels = ""]) => ({
		name,
		labels: Object.fromEntries([...labels.matchAll(/(\w+)="([^"]*)"/g)].map(([, label = "", value = ""]) => [label, value])),
	}));
});
afterAll(() => registry.close());

const familyOf = (metric: string) => {
	const base = metric.replace(/_(?:bucket|sum|count)$/, "");
	return families.get(base) === "histogram" ? base : metric;
};

test.each(queries)("%s asks for metrics and labels that a registry has", (_name, expr) => {
	const { selectors, grouping } = selectorsOf(expr);
	expect(selectors.length).toBeGreaterThan(0);
	const labels = new Set<string>();
	for (const { metric, matchers } of selectors) {
		if (ITS_OWN_METRICS.includes(metric)) continue;
		expect([metric, families.has(familyOf(metric))]).toEqual([metric, true]);
		const samples = series.filter(({ name }) => name === metric);
		for (const { labels: known } of samples) for (const label of Object.keys(known)) labels.add(label);
		for (const { label, op, value } of matchers) {
			if (ITS_OWN_LABELS.includes(label)) continue;
			const values = new Set(samples.map((sample) => sample.labels[label]));
			expect([expr, label, values.has(undefined) || values.size === 0]).toEqual([expr, label, false]);
			// What depends on traffic is not all there in an idle registry; a route is held against the routes themselves.
			if (label === "route") expect([value, routes().has(value)]).toEqual([value, true]);
			else if (op === "=" && !["status", "rule"].includes(label))
				expect([label, [...values]]).toEqual([label, expect.arrayContaining([value])]);
		}
	}
	expect(grouping.filter((label) => !labels.has(label) && !ITS_OWN_LABELS.includes(label))).toEqual([]);
});

function routes(): Set<string> {
	const api = registry.app.swagger() as { paths: Record<string, unknown> }; // made by @fastify/swagger
	return new Set([...Object.keys(api.paths), "/v1/payments/webhook"]);
}

describe("the rules", () => {
	test("each have another name, and a paragraph of the runbook; no paragraph is about no rule", () => {
		expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length);
		const runbook = readFileSync(`${FOLDER}../OPERATIONS.md`, "utf8");
		const paragraphs = [...runbook.matchAll(/^### `([a-z-]+)`/gm)].map(([, name]) => name);
		expect([...new Set(rules.map(({ annotations }) => annotations.runbook))].sort()).toEqual([...paragraphs].sort());
	});

	const hasPromtool = spawnSync("promtool", ["--version"]).status === 0;
	test.skipIf(!hasPromtool)("say what their examples say (skipped where promtool is not)", () => {
		execFileSync("promtool", ["check", "rules", "alerts.yml"], { cwd: FOLDER, stdio: "pipe", timeout: 30_000 });
		execFileSync("promtool", ["test", "rules", "alerts.test.yml"], { cwd: FOLDER, stdio: "pipe", timeout: 30_000 });
	});
});

test("no two panels of the dashboard lie over each other", () => {
	const cells = dashboard.panels.flatMap(({ gridPos: { x, y, w, h } }) =>
		Array.from({ length: w * h }, (_, cell) => `${x + (cell % w)},${y + Math.floor(cell / w)}`),
	);
	expect(new Set(cells).size).toBe(cells.length);
});
