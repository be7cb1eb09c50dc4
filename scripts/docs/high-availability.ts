import {
	databaseUrl,
	etcdArguments,
	firstStatements,
	haproxyConfig,
	patroniConfig,
	type Setup,
	sysctlConfig,
} from "../../test/chaos/reference-setup.ts";

const SHOWN = { name: "db1", address: "10.77.0.11" };

/** The setup of `scripts/chaos`, with what differs from place to place in angle brackets. */
const SETUP: Setup = {
	databases: [SHOWN, { name: "db2", address: "10.77.0.12" }, { name: "db3", address: "10.77.0.13" }],
	registries: [
		{ name: "node1", address: "10.77.0.21" },
		{ name: "node2", address: "10.77.0.22" },
	],
	proxy: { name: "proxy", address: "10.77.0.30" },
	dataFolder: () => "/var/lib/holdfast",
	binFolder: "/usr/lib/postgresql/15/bin",
	network: "10.77.0.0/24",
	passwords: { superuser: "<superuser>", replication: "<replication>", registry: "<registry>" },
	etcdInterface: 2,
	synchronous: true,
};

/** The files of the reference setup, as `scripts/chaos` runs them. */
export function setupFiles(): string {
	const block = (language: string, text: string) => `\`\`\`${language}\n${text.trimEnd()}\n\`\`\``;
	return [
		`etcd on ${SHOWN.name}; the others with their own name and address:`,
		block("sh", `etcd ${etcdArguments(SETUP, SHOWN).join(" \\\n  ")}`),
		"`/etc/sysctl.d/holdfast.conf` on each machine:",
		block("", sysctlConfig()),
		`\`patroni.yml\` on ${SHOWN.name}:`,
		block("yaml", patroniConfig(SETUP, SHOWN)),
		"`haproxy.cfg`:",
		block("", haproxyConfig(SETUP)),
		"Once, on the first primary, and then each node:",
		block("sql", firstStatements(SETUP).join(";\n").concat(";")),
		block("sh", `holdfast serve --database ${databaseUrl(SETUP)} --host 10.77.0.21 --public-url https://registry.example ...`),
	].join("\n\n");
}
