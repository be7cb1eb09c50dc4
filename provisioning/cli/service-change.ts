import { randomBytes } from "node:crypto";

import { readFacts } from "../handset/facts.ts";
import type { HandsetPort } from "../handset/port.ts";
import { identityOf, imeisOf } from "../procedure/identity.ts";
import { REBIND_STEPS } from "../procedure/rebind.ts";
import type { HandsetIdentity } from "../procedure/registry-port.ts";
import { createNodeCrypto } from "../registry/node-crypto.ts";
import type { OldPhone, ServiceCase } from "../registry/service/service-request.ts";
import type { CommandContext } from "./context.ts";
import { ExitCode, exitCodeOf } from "./exit-codes.ts";
import { chooseHandset, type HandsetFlags, openHandset } from "./handset-choice.ts";
import { openRegistry, type RegistryFlags } from "./registry-access.ts";
import { runProcedure } from "./run-procedure.ts";
import { openTechnician, sayCase } from "./service.ts";

export interface ChangeFlags extends HandsetFlags, RegistryFlags {
	readonly oldImei: string;
	readonly labelImei: readonly string[];
	readonly reason: string;
	readonly oldPhone?: OldPhone;
}

/** Asks for a rebind of the phone on the cable; once it is approved, carries it there and sees it done. */
export async function rebindPhone(
	context: CommandContext,
	flags: ChangeFlags,
	[contractId = ""]: readonly string[],
): Promise<ExitCode> {
	return withPhone(context, flags, async (port) => {
		const client = await openTechnician(context, flags);
		const handset = identityOf(await readFacts(port));
		const approved = (await client.casesOf(contractId)).find(({ kind, state }) => kind === "rebind" && state === "approved");
		if (!approved || !isFor(approved, handset))
			return sayCase(context, await client.askRebind(contractId, { ...scans(flags), handset: plain(handset) }));
		const registry = await openRegistry(context, flags);
		const fault = await runProcedure(context, REBIND_STEPS, {
			port,
			registry,
			contractId,
			approved: { serial: handset.serial, imeis: imeisOf(handset) },
			clock: context.clock,
			crypto: createNodeCrypto(),
			randomBytes: (length: number) => Uint8Array.from(randomBytes(length)),
			found: {},
		});
		if (fault) {
			context.output.fault(fault);
			return exitCodeOf(fault.code);
		}
		const done = (await client.casesOf(contractId)).find(({ caseId }) => caseId === approved.caseId) ?? approved;
		context.output.result({ ok: true, contract: contractId, handset, case: done }, [
			`Contract ${contractId} is bound to IMEI ${handset.imei1} now.`,
		]);
		return ExitCode.ok;
	});
}

/** Asks for an exchange for the phone on the cable. */
export async function exchangePhone(
	context: CommandContext,
	flags: ChangeFlags,
	[contractId = ""]: readonly string[],
): Promise<ExitCode> {
	return withPhone(context, flags, async (port) => {
		const client = await openTechnician(context, flags);
		const handset = plain(identityOf(await readFacts(port)));
		const request = { ...scans(flags), handset, oldPhone: flags.oldPhone ?? "board_replaced" };
		return sayCase(context, await client.askExchange(contractId, request));
	});
}

async function withPhone(
	context: CommandContext,
	flags: ChangeFlags,
	work: (port: HandsetPort) => Promise<ExitCode>,
): Promise<ExitCode> {
	const choice = await chooseHandset(context, flags);
	if (!choice) return ExitCode.noDevice;
	const port = await openHandset(context, flags, choice);
	try {
		return await work(port);
	} finally {
		await port.close();
	}
}

const scans = ({ oldImei, labelImei, reason }: ChangeFlags) => ({ oldImei, labelImeis: [...labelImei], reason });

function plain({ imei1, imei2, serial, model }: HandsetIdentity) {
	return { imei1, ...(imei2 === undefined ? {} : { imei2 }), serial, model };
}

function isFor({ handset }: ServiceCase, { imei1, imei2, serial }: HandsetIdentity): boolean {
	return handset?.imei1 === imei1 && handset.imei2 === imei2 && handset.serial === serial;
}
