/**
 * Takes chance out of what `npm sbom` writes (CycloneDX 1.5), so that the same commit gives the same bytes: a random serial number, which
 * the standard does not ask for, and the time of writing.
 *
 * @param atUnixSeconds of the commit.
 */
export function withoutChance(text: string, atUnixSeconds: number): string {
	const bom: unknown = JSON.parse(text);
	if (typeof bom !== "object" || bom === null || Reflect.get(bom, "bomFormat") !== "CycloneDX")
		throw new Error("npm sbom wrote no CycloneDX");
	const metadata: unknown = Reflect.get(bom, "metadata");
	const { serialNumber: _random, ...kept } = { serialNumber: undefined, ...bom };
	const at = new Date(atUnixSeconds * 1000).toISOString();
	return `${JSON.stringify({ ...kept, metadata: { ...(typeof metadata === "object" ? metadata : {}), timestamp: at } }, null, "\t")}\n`;
}
