import type { HandsetPort } from "../../provisioning/handset/port.ts";
import type { RegistryPort } from "../../provisioning/procedure/registry-port.ts";

/** Is told of each call when it ends: of which kind, in words, and when it began. */
export type OnCall = (kind: "phone" | "registry", name: string, startMs: number) => void;

/** A handset whose every round trip is told. */
export function tracedPort(port: HandsetPort, now: () => number, told: OnCall): HandsetPort {
	const timed = async <Result>(name: string, work: () => Promise<Result>): Promise<Result> => {
		const started = now();
		return work().finally(() => told("phone", name, started));
	};
	return {
		...port,
		shell: (args, options) => timed(args.slice(0, 3).join(" "), () => port.shell(args, options)),
		script: (text, options) => timed(scriptName(text), () => port.script(text, options)),
		push: (path, content, options) => timed(`push ${path}`, () => port.push(path, content, options)),
		install: (apk, args, options) => timed("cmd package install", () => port.install(apk, args, options)),
	};
}

/** The names of a script's sections. */
function scriptName(text: string): string {
	const names = [...text.matchAll(/\bs "?(\w+)/g)].map(([, name]) => name).filter((name) => name !== undefined);
	return `script: ${[...new Set(names)].join(" ")}`;
}

/** A registry whose every call is told. */
export function tracedRegistry(registry: RegistryPort, now: () => number, told: OnCall): RegistryPort {
	const timed = async <Result>(name: string, work: () => Promise<Result>): Promise<Result> => {
		const started = now();
		return work().finally(() => told("registry", name, started));
	};
	return {
		offerEnrollment: (...args) => timed("offerEnrollment", () => registry.offerEnrollment(...args)),
		confirmEnrollment: (...args) => timed("confirmEnrollment", () => registry.confirmEnrollment(...args)),
		enrollmentOf: (...args) => timed("enrollmentOf", () => registry.enrollmentOf(...args)),
		relayCheckIn: (...args) => timed("relayCheckIn", () => registry.relayCheckIn(...args)),
		grantRelease: (...args) => timed("grantRelease", () => registry.grantRelease(...args)),
	};
}
