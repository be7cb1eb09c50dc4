import type { FaultCode } from "../handset/fault-codes.ts";

/** The registry's own codes, where no fault code fits. Stable: clients tell by them what to do. */
const OWN_CODES = {
	BAD_REQUEST: 400,
	UNAUTHORIZED: 401,
	FORBIDDEN: 403,
	// Not 401: nobody's session has ended, and signing in again would not help.
	SIGN_IN_REFUSED: 403,
	STEP_UP_REQUIRED: 403,
	WRONG_HOST: 403,
	WRONG_ORIGIN: 403,
	CHECK_IN_REFUSED: 403,
	NOT_FOUND: 404,
	CHECK_IN_REPLAYED: 409,
	CONFLICT: 409,
	APPROVAL_REQUIRED: 409,
	INVITATION_VOID: 409,
	// Not 503: asking again does not help, rotating the keys does.
	KEYS_EXPIRED: 409,
	// Too many new locks at once: a second person has to agree.
	FLEET_BREAKER: 409,
	TOO_LARGE: 413,
	UNSUPPORTED_MEDIA_TYPE: 415,
	CODE_REFUSED: 422,
	ORDER_REFUSED: 422,
	IDEMPOTENCY_KEY_REUSED: 422,
	RATE_LIMITED: 429,
	INTERNAL: 500,
	UNAVAILABLE: 503,
} as const;

/** Fault codes that the registry refuses with. */
const FAULT_STATUS = {
	CONTRACT_UNKNOWN: 404,
	CONTRACT_CLOSED: 409,
	CONTRACT_BOUND_ELSEWHERE: 409,
	CONTRACT_LEASED_ELSEWHERE: 409,
	IMEI_ON_OTHER_CONTRACT: 409,
	IMEI_MISMATCH: 409,
	IMEI_INVALID: 422,
	PAYOFF_NOT_PROVEN: 409,
	RECEIPT_INVALID: 422,
	ATTESTATION_REFUSED: 422,
} as const satisfies Partial<Record<FaultCode, number>>;

export type RefusalCode = keyof typeof OWN_CODES | keyof typeof FAULT_STATUS;

export interface RefusalText {
	/** What happened, without anything personal. */
	readonly detail: string;
	/** What to do. */
	readonly next: string;
	/** Belongs to every day, such as a restart: not logged as an error. */
	readonly isUsual?: true;
	readonly details?: Readonly<Record<string, string>>;
}

/** A request that the registry does not do, as the caller should hear it. */
export class Refusal extends Error {
	override readonly name = "Refusal";
	/** HTTP status. */
	readonly status: number;

	constructor(
		readonly code: RefusalCode,
		readonly text: RefusalText,
		options?: { cause?: unknown },
	) {
		super(text.detail, options);
		this.status = { ...OWN_CODES, ...FAULT_STATUS }[code];
	}
}

export function refusal(code: RefusalCode, detail: string, next: string, details?: Readonly<Record<string, string>>): Refusal {
	return new Refusal(code, { detail, next, ...(details === undefined ? {} : { details }) });
}
