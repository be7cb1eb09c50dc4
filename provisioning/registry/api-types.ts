/** Building blocks of the registry's JSON schemas. Units are those named in `api.ts`. Runs anywhere. */
import { type Static, Type } from "typebox";

/** Members that a schema does not name are refused, so that a typing error is not taken for a default. */
export const closed = { additionalProperties: false } as const;

/** Ids that callers choose. */
export const ID_PATTERN = "^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$";
/** A time: seconds since 1970-01-01T00:00:00Z, up to the year 9999. */
export const Seconds = (description: string) => Type.Integer({ minimum: 0, maximum: 253_402_300_799, description });
/** A duration in seconds. */
export const Duration = (description: string, maximum: number) => Type.Integer({ minimum: 0, maximum, description });
/** An amount in the currency's minor unit. */
export const Amount = (description: string) => Type.Integer({ minimum: 1, maximum: 1_000_000_000_000, description });
/** Text for people. */
export const Text = (description: string, maxLength = 200) => Type.String({ minLength: 1, maxLength, description });
/** Bytes in base64; `maxLength` in characters. */
export const Bytes = (description: string, maxLength = 400_000) =>
	Type.String({ maxLength, pattern: "^[A-Za-z0-9+/]*={0,2}$", description: `${description} Base64.` });
/** 32 bytes in lower-case hex. */
export const Hex32 = (description: string) => Type.String({ pattern: "^[0-9a-f]{64}$", description });

/** In seconds. */
export const DAY = 24 * 3600;

/** Id of a contract. */
export const ContractId = Type.String({ pattern: ID_PATTERN, description: "The contract, unique for the lender." });
/** The lender's own reference of a payment or a payoff. */
export const Reference = Type.String({
	pattern: "^[\\x21-\\x7e]{1,80}$",
	description: "The lender's own reference; the same one again changes nothing.",
});
/** An IMEI by its shape; the check digit is looked at by whoever takes it. */
export const ImeiText = Type.String({ pattern: "^[0-9]{15}$", description: "15 digits with a valid check digit." });
/** How much of a phone is restricted. */
export const Level = Type.Union([Type.Literal("none"), Type.Literal("limited"), Type.Literal("full")]);
export type Level = Static<typeof Level>;
