import { FAULT_CATALOGUE } from "../../handset/fault-catalogue.ts";
import type { FaultCode } from "../../handset/fault-codes.ts";
import type { Language } from "../frame/language.ts";

/** What a fault says: what it means for the phone in hand, and what to do. */
export interface FaultText {
	readonly meaning: string;
	readonly remedy: string;
}

/** Those of every fault, by its code. A language that lacks one does not compile. */
export type FaultTexts = Readonly<Record<FaultCode, FaultText>>;

/** The catalogue's own, in English. */
export const ENGLISH_FAULTS: FaultTexts = FAULT_CATALOGUE;

/** Every fault's words in a language. Rejects if they cannot be fetched. */
export async function loadFaultTexts(language: Exclude<Language, "en">): Promise<FaultTexts> {
	switch (language) {
		case "es":
			return (await import("./languages/es.json", { with: { type: "json" } })).default;
		case "pt-BR":
			return (await import("./languages/pt-br.json", { with: { type: "json" } })).default;
		case "hi":
			return (await import("./languages/hi.json", { with: { type: "json" } })).default;
		case "id":
			return (await import("./languages/id.json", { with: { type: "json" } })).default;
		case "sw":
			return (await import("./languages/sw.json", { with: { type: "json" } })).default;
	}
}
