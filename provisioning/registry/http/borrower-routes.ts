import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import { Type } from "typebox";

import { SignedOut } from "../access/access-request.ts";
import { ContractId } from "../api-types.ts";
import { contractOfSession, giveBorrowerCode, signInBorrower, signOutBorrower } from "../borrower/access.ts";
import { borrowerTimeCode, openDispute } from "../borrower/acts.ts";
import {
	BorrowerCode,
	BorrowerCodeQuestion,
	BorrowerCodeRequest,
	BorrowerSession,
	BorrowerSignIn,
	BorrowerTimeCode,
	BorrowerView,
	Certificate,
	DisputeRequest,
	PossessionAnswer,
	PossessionRequest,
} from "../borrower/borrower-request.ts";
import { checkPossession } from "../borrower/possession.ts";
import { borrowerView } from "../borrower/view.ts";
import { findCertificate } from "../contracts/certificates.ts";
import type { RegistryContext } from "../registry-context.ts";
import { described } from "./described.ts";
import { networkOf } from "./network-of.ts";
import { createRateLimit, type RateLimit, tooMany } from "./rate-limit.ts";
import { asCaller } from "./route-access.ts";

declare module "fastify" {
	interface FastifyRequest {
		/** The contract that a borrower's token opens; empty on all other routes. */
		ownContract: string;
	}
}

/** Enough for somebody who reads a code off a receipt; nobody guesses one of 2^56. */
const TRIES_PER_MINUTE = 10;
/** A mobile network shows thousands of borrowers under one address. */
const CALLS_PER_MINUTE = 240;
/** One of a thousand numbers is right by chance: a few tries an hour for each phone, whoever asks. */
const POSSESSION_TRIES_PER_HOUR = 6;

/** What a borrower does with a contract number and a code, without an account. */
export function borrowerRoutes(context: RegistryContext): FastifyPluginAsyncTypebox {
	return async (app) => {
		const nowMs = context.monotonicMs;
		const maySignIn = createRateLimit({ burst: TRIES_PER_MINUTE, perMinute: TRIES_PER_MINUTE, nowMs });
		const mayAct = createRateLimit({ burst: CALLS_PER_MINUTE, perMinute: CALLS_PER_MINUTE, nowMs });
		const security = [{ borrowerToken: [] }];
		app.post(
			"/v1/borrower/session",
			{
				schema: described("signInBorrower", "Open one's own contract with its number and code", BorrowerSession, {
					body: BorrowerSignIn,
				}),
			},
			async ({ body, ip }) => {
				const network = networkOf(ip);
				ask(mayAct, network);
				// By both: a stranger who tries a contract's number all day keeps its borrower out of nothing.
				ask(maySignIn, `${network} ${body.contractId}`);
				return signInBorrower(context, body.contractId, body.code);
			},
		);
		await app.register(async (own: typeof app) => {
			own.decorateRequest("ownContract", "");
			// Before the body is read: nobody makes us parse what they may not send.
			own.addHook("onRequest", async (request) => {
				ask(mayAct, networkOf(request.ip));
				request.ownContract = await contractOfSession(context, request.headers.authorization);
			});
			own.delete(
				"/v1/borrower/session",
				{
					schema: {
						...described("signOutBorrower", "End the session; its token opens nothing any more", SignedOut, {}),
						security,
					},
				},
				async (request) => {
					await signOutBorrower(context, request.headers.authorization);
					return { sessions: 1 };
				},
			);
			own.get(
				"/v1/borrower/contract",
				{ schema: { ...described("borrowerView", "One's own contract", BorrowerView, {}), security } },
				async ({ ownContract }) => borrowerView(context, ownContract),
			);
			own.post(
				"/v1/borrower/disputes",
				{
					schema: {
						...described("openDispute", "Dispute: the phone is not locked further while it stands", BorrowerView, {
							body: DisputeRequest,
						}),
						security,
					},
				},
				async (request) => openDispute(context, request.ownContract, request.body.text),
			);
			own.post(
				"/v1/borrower/codes",
				{
					schema: {
						...described("borrowerTimeCode", "Carry what is paid to a phone without network", BorrowerTimeCode, {
							body: BorrowerCodeQuestion,
						}),
						security,
					},
				},
				async (request) => borrowerTimeCode(context, request.ownContract, request.body.requestNumber),
			);
		});
	};
}

/** What a buyer asks: nothing personal is in any answer. */
export function buyerRoutes(context: RegistryContext): FastifyPluginAsyncTypebox {
	return async (app) => {
		const nowMs = context.monotonicMs;
		const mayAsk = createRateLimit({ burst: 30, perMinute: 30, nowMs });
		const mayTry = createRateLimit({ burst: POSSESSION_TRIES_PER_HOUR, perMinute: POSSESSION_TRIES_PER_HOUR / 60, nowMs });
		app.post(
			"/v1/imei/possession",
			{
				schema: described("checkPossession", "Whether a phone in hand is the one that is financed here", PossessionAnswer, {
					body: PossessionRequest,
				}),
			},
			async ({ body, ip }) => {
				ask(mayAsk, networkOf(ip));
				ask(mayTry, body.imei);
				return checkPossession(context, body.imei, body.requestNumber);
			},
		);
		app.get(
			"/v1/certificates/:id",
			{
				schema: described("findCertificate", "Whether a payoff certificate is genuine", Certificate, {
					params: Type.Object({ id: Type.String({ pattern: "^HF-[0-9A-F]{16}$" }) }),
				}),
			},
			async ({ params, ip }) => {
				ask(mayAsk, networkOf(ip));
				return findCertificate(context, params.id);
			},
		);
	};
}

/** The lender's side of it: the code for the receipt. */
export function borrowerCodeRoutes(context: RegistryContext): FastifyPluginAsyncTypebox {
	return async (app) => {
		app.post(
			"/v1/contracts/:id/borrower-code",
			{
				config: { allow: ["agent", "operator"], repeat: "once" },
				schema: described("giveBorrowerCode", "The code for the borrower's own page", BorrowerCode, {
					params: Type.Object({ id: ContractId }),
					body: BorrowerCodeRequest,
				}),
			},
			async (request) => giveBorrowerCode(asCaller(context, request), request.params.id, request.body.renew ?? false),
		);
	};
}

/** @throws {Refusal} RATE_LIMITED, and for how long. */
function ask(limit: RateLimit, caller: string): void {
	if (!limit(caller)) throw tooMany(limit.secondsToWait(caller));
}
