import type { Handset } from "../handset.ts";
import { am } from "./am.ts";
import { inaccessible } from "./android-text.ts";
import { appops } from "./appops.ts";
import { cmd } from "./cmd.ts";
import type { Command, Reply, Stdin } from "./command.ts";
import { content } from "./content.ts";
import { df, getconf, id, pidof, uiautomator, uptime, wc, whoami, wm } from "./device-facts.ts";
import { dpm } from "./dpm.ts";
import { dumpsys } from "./dumpsys.ts";
import { getprop, setprop } from "./getprop.ts";
import { input } from "./input.ts";
import { logcat } from "./logcat.ts";
import { pm } from "./pm.ts";
import { reboot, svc } from "./power.ts";
import { service } from "./service.ts";
import { settings } from "./settings.ts";
import { tradeinmode } from "./tradeinmode.ts";

/** Every command of the phone that a real shell would not have. A new command is a file and a row here. */
export const COMMANDS: Readonly<Record<string, Command>> = {
	am,
	appops,
	cmd,
	content,
	df,
	dpm,
	dumpsys,
	getconf,
	getprop,
	id,
	input,
	logcat,
	pidof,
	pm,
	reboot,
	service,
	setprop,
	settings,
	svc,
	tradeinmode,
	uiautomator,
	uptime,
	wc,
	whoami,
	wm,
};

/** Runs one command as the phone would, faults and all. `undefined`: the link dies before an answer. */
export async function runCommand(phone: Handset, argv: readonly string[], stdin: Stdin): Promise<Reply | undefined> {
	const name = argv[0] ?? "";
	const command = COMMANDS[name];
	if (!command || (phone.state.quirks.foyer === true && name !== "tradeinmode")) return inaccessible(name);
	const text = argv.join(" ");
	if (!phone.beforeCommand(text)) return undefined;
	const reply = await command(phone, argv, stdin);
	if (reply.exitCode === 0) phone.afterCommand(text);
	return reply;
}
