import { type Command, failed, out } from "./command.ts";

/** Xiaomi's own operations have numbers only (10007 BOOT_COMPLETED, 10008 AUTO_START, 10020 SHOW_WHEN_LOCKED, ...). */
const FIRST_XIAOMI_OP = 10_000;

/** `cmd appops get|set|reset PACKAGE [OP [MODE]]`. */
export const appops: Command = (phone, argv) => {
	const [action, ...words] = argv.slice(1);
	const [packageName = "", op, mode] = words.filter(
		(word, at) => word !== "--user" && words[at - 1] !== "--user" && word !== "--uid",
	);
	if (!phone.package(packageName)) return failed(255, `Error: No UID for ${packageName} in user 0\n`);
	const modes = phone.state.appOps[packageName] ?? {};
	switch (action) {
		case "get": {
			const names = op === undefined ? Object.keys(modes) : [op];
			if (names.length === 0) return out("No operations.");
			return out(...names.map((name) => line(name, modes[name])));
		}
		case "set": {
			if (op === undefined || mode === undefined) return failed(255, "Error: Mode not specified.\n");
			phone.change((state) => ({
				...state,
				appOps: {
					...state.appOps,
					[packageName]: { ...state.appOps[packageName], [op]: mode },
				},
			}));
			return out();
		}
		case "reset":
			phone.change((state) => {
				const { [packageName]: _dropped, ...others } = state.appOps;
				return { ...state, appOps: others };
			});
			return out();
		default:
			return failed(255, `Unknown command: ${action ?? ""}\n`);
	}
};

function line(op: string, mode: string | undefined): string {
	if (Number(op) >= FIRST_XIAOMI_OP) return `MIUIOP(${op}): ${mode ?? "ignore"}`;
	return mode === undefined ? "No operations." : `${op}: ${mode}`;
}
