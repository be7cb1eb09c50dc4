import { randomUUID } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { luhnDigit } from "../../proto/imei.ts";
import { adbServer } from "./adb-client.ts";
import { apkReader } from "./apk-reader.ts";
import { factoryState } from "./factory-state.ts";
import { fakeAdbd } from "./fake-adbd/fake-adbd.ts";
import { readFault, withFault } from "./faults.ts";
import { freePort } from "./free-port.ts";
import type { HandsetAttests } from "./handset-agent.ts";
import { type LabClock, labClock } from "./lab-clock.ts";
import { type LabHandset, labHandset } from "./lab-handset.ts";
import { DEFAULT_PROFILE, type Profile, profileNamed } from "./profiles.ts";
import { type CommandServer, serveCommands } from "./real-adbd/command-server.ts";
import { prepareRealAdbd, type RealAdbd } from "./real-adbd/prepare.ts";
import { makeTools, realAdbd } from "./real-adbd/real-adbd.ts";

export type { LabHandset, ShownScreen } from "./lab-handset.ts";

export interface LabOptions {
	/** Everything the handsets remember; opened again, they are as they were. */
	readonly stateFolder: string;
	/** `adbd`: a real one, or an error. `in-process`: a simulated one. `auto` (default): a real one where it can run. */
	readonly transport?: "adbd" | "in-process" | "auto";
	/** Virtual time, shared with a registry. Default: a file in the state folder, running as real time does. */
	readonly clockFile?: string;
	/** Port of the adb server that handsets are plugged into. Default: none, they are reached by host and port. */
	readonly adbServerPort?: number;
	/** How handsets reach the lender. Default: HTTP. */
	readonly post?: (url: string, body: Uint8Array, deadlineMs: number) => Promise<Uint8Array>;
	/** How long a restart takes, in real milliseconds. Default 300. */
	readonly bootMs?: number;
}

export interface HandsetOptions {
	/** Default: {@link DEFAULT_PROFILE}. */
	readonly profile?: string;
	/** `id` or `id:parameter=value`. Like the profile, only for a handset that the state folder does not know yet. */
	readonly faults?: readonly string[];
	/** Default: the next of VH000001, VH000002, ... A serial that the state folder knows is that handset again. */
	readonly serial?: string;
	/** As on the box. Default: valid numbers that follow from the serial. */
	readonly imeis?: readonly string[];
	/** Default: any free one. */
	readonly port?: number;
	/** Whether the cable is in when this resolves. Default true. */
	readonly plugged?: boolean;
	/** How it attests keys that are made on it. Default: not at all, as a phone without secure hardware. */
	readonly attest?: HandsetAttests;
	readonly onEvent?: (what: { at: number; event: string; standing: string }) => void;
}

/** A bench of virtual handsets. */
export interface Lab {
	/** What carries ADB. */
	readonly transport: "adbd" | "in-process";
	/** Why it is not a real adbd although one was asked for, or what to know about the one that runs. */
	readonly notice: string | undefined;
	readonly clock: LabClock;
	readonly handsets: readonly LabHandset[];
	/** Serials that the state folder knows. */
	readonly knownSerials: readonly string[];
	/** @throws {RangeError} for a profile or fault that does not exist, or a fault that this transport or profile can't play. */
	add(options?: HandsetOptions): Promise<LabHandset>;
	/** Ends everything that was started. */
	close(): Promise<void>;
}

/** @throws {Error} when a real adbd was demanded and can't run here. */
export async function openLab(options: LabOptions): Promise<Lab> {
	const wanted = options.transport ?? "auto";
	const prepared = wanted === "in-process" ? undefined : await prepareRealAdbd();
	if (wanted === "adbd" && prepared?.ok === false) throw new Error(prepared.reason);
	const adbd: RealAdbd | undefined = prepared?.ok ? prepared : undefined;
	const { stateFolder } = options;
	mkdirSync(stateFolder, { recursive: true });
	const clock = labClock(options.clockFile ?? join(stateFolder, "clock.json"));
	const tools = join(stateFolder, "system-bin");
	if (adbd) makeTools(tools);
	// Not in the state folder: an address of a Unix socket has 107 characters at most.
	const sockets = mkdtempSync(join(tmpdir(), "holdfast-lab-"));
	const handsets: LabHandset[] = [];
	/** Of all of them, plugged in or not: nobody else is given one. */
	const ports = new Set<number>();
	const servers: CommandServer[] = [];
	const readApk = apkReader();
	const server = options.adbServerPort === undefined ? undefined : adbServer(options.adbServerPort);

	return {
		transport: adbd ? "adbd" : "in-process",
		notice: noticeOf(prepared),
		clock,
		handsets,
		knownSerials: readdirSync(stateFolder).filter((name) => existsSync(join(stateFolder, name, "handset.json"))),
		async add(wish = {}) {
			const serial = wish.serial ?? nextSerial(stateFolder);
			if (!/^[A-Za-z0-9]{4,20}$/.test(serial))
				throw new RangeError(`"${serial}" is no serial number: 4 to 20 letters and digits`);
			if (handsets.some((handset) => handset.serial === serial)) throw new RangeError(`handset ${serial} is here already`);
			const profile = profileNamed(wish.profile ?? DEFAULT_PROFILE);
			const faults = wish.faults ?? [];
			const onlyInProcess = faults.find((text) => readFault(text).fault.inProcessOnly === true);
			if (adbd && onlyInProcess)
				throw new RangeError(`fault "${onlyInProcess}" needs the in-process transport: a real adbd asks for no key here`);
			const folder = join(stateFolder, serial);
			const imeis = wish.imeis ?? imeisOf(profile, serial);
			const fresh = factoryState(profile, { serial, imeis }, { atMs: clock.nowMs(), id: randomUUID() });
			const initial = faults.reduce(withFault, fresh);
			mkdirSync(folder, { recursive: true });
			const port = wish.port ?? (await freePort(ports));
			ports.add(port);
			const ownSockets = join(sockets, serial);
			const handset = await labHandset({
				folder,
				clock,
				initial: () => initial,
				serial,
				link: (phone, authorize) => {
					if (!adbd) return fakeAdbd({ phone, port, authorize });
					mkdirSync(ownSockets);
					const commands = serveCommands(phone, join(ownSockets, "commands"));
					servers.push(commands);
					return realAdbd({ adbd, phone, folder, tools, sockets: ownSockets, ready: commands.ready, port });
				},
				bootMs: options.bootMs ?? 300,
				readApk,
				adbServer: server,
				post: options.post ?? postOverHttp,
				...(wish.attest ? { attest: wish.attest } : {}),
				...(wish.onEvent ? { onEvent: wish.onEvent } : {}),
			});
			handsets.push(handset);
			if (wish.plugged !== false) await handset.plug();
			return handset;
		},
		async close() {
			await Promise.all(handsets.map((handset) => handset.close()));
			await Promise.all(servers.map((each) => each.close()));
			await server?.close();
			clock.close();
			rmSync(sockets, { recursive: true, force: true });
		},
	};
}

function noticeOf(prepared: Awaited<ReturnType<typeof prepareRealAdbd>> | undefined): string | undefined {
	if (!prepared) return undefined;
	if (!prepared.ok) return `no real adbd, handsets run in this process: ${prepared.reason}`;
	return prepared.loopbackOnly
		? undefined
		: "the adbd of each handset listens on every interface of this machine and asks for no key";
}

function nextSerial(stateFolder: string): string {
	const taken = existsSync(stateFolder) ? readdirSync(stateFolder) : [];
	const highest = Math.max(0, ...taken.map((name) => Number(/^VH(\d{6})$/.exec(name)?.[1] ?? 0)));
	return `VH${String(highest + 1).padStart(6, "0")}`;
}

/** Two neighbouring numbers of the model, as boxes carry them. The digits of the serial choose which. */
function imeisOf(profile: Profile, serial: string): string[] {
	const digits = serial.replace(/\D/g, "").slice(-6);
	const first = (Number(digits) * 2) % 1_000_000;
	return Array.from({ length: profile.sims }, (_, slot) => {
		const number = `${profile.tac}${String(first + slot)
			.padStart(6, "0")
			.slice(-6)}`;
		return number + luhnDigit(number);
	});
}

async function postOverHttp(url: string, body: Uint8Array, deadlineMs: number): Promise<Uint8Array> {
	const answer = await fetch(url, {
		method: "POST",
		headers: { "content-type": "application/x-protobuf" },
		body: Uint8Array.from(body),
		signal: AbortSignal.timeout(deadlineMs),
	});
	if (!answer.ok) throw new Error(`the lender answered ${answer.status}`);
	return new Uint8Array(await answer.arrayBuffer());
}
