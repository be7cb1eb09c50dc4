import { type Static, Type } from "typebox";

/** Where a contract is. */
export const ContractState = Type.Union(
	[Type.Literal("open"), Type.Literal("paid_off"), Type.Literal("returned"), Type.Literal("released")],
	{ description: "released: the phone reported that it is free." },
);
export type ContractState = Static<typeof ContractState>;

/** Where the payments stand, by the registry's own books and clock. */
export const PaymentStanding = Type.Union([
	Type.Literal("paid"),
	Type.Literal("grace"),
	Type.Literal("overdue"),
	Type.Literal("closed"),
]);

export const OrderState = Type.Union(
	[
		Type.Literal("pending"),
		Type.Literal("accepted"),
		Type.Literal("refused"),
		Type.Literal("below_floor"),
		Type.Literal("superseded"),
	],
	{ description: "below_floor: the borrower's floor forbade it. superseded: issued again after a key rotation." },
);

/** What was found of a phone's attestation. */
export const AttestationResult = Type.Union([
	Type.Literal("passed"),
	Type.Literal("failed"),
	Type.Literal("absent"),
	Type.Literal("cannot_verify"),
]);
