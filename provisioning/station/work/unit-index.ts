import type { Unit } from "../unit.ts";

/** The manifest, ready to be asked. */
export interface UnitIndex {
	readonly all: readonly Unit[];
	byContract(contractId: string): Unit | undefined;
	byImei(imei: string): Unit | undefined;
}

/** @param units a checked manifest: no contract and no IMEI stands twice. */
export function indexUnits(units: readonly Unit[]): UnitIndex {
	const contracts = new Map(units.map((unit) => [unit.contractId, unit]));
	const imeis = new Map<string, Unit>(units.flatMap((unit) => unit.imeis.map((imei) => [imei, unit] as const)));
	return {
		all: units,
		byContract: (contractId) => contracts.get(contractId),
		byImei: (imei) => imeis.get(imei),
	};
}
