import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import protobuf from "protobufjs";

import type { MessageType } from "../../proto/codec.ts";
import { wire } from "../../proto/wire.ts";

/** What is known of a message's fields only by reflection. */
export type Properties = Record<string, unknown>;

/** A message type of ours: its generated codec, its schema, and an arbitrary that gives messages as `decode` does. */
export interface EveryMessage {
	readonly name: string;
	readonly type: MessageType<Properties>;
	readonly schema: protobuf.Type;
	readonly arbitrary: fc.Arbitrary<Properties>;
}

/** Every message type of the schemas in proto/holdfast/v1. */
export function everyMessage(): EveryMessage[] {
	const folder = fileURLToPath(new URL("../../proto/", import.meta.url));
	const root = new protobuf.Root();
	root.resolvePath = (_, target) => (target.startsWith("/") ? target : `${folder}${target}`);
	root.loadSync(readdirSync(`${folder}holdfast/v1`).map((name) => `holdfast/v1/${name}`)).resolveAll();
	const namespace = root.lookup("holdfast.v1");
	if (!(namespace instanceof protobuf.Namespace)) throw new Error("the schemas declare no holdfast.v1");
	return namespace.nestedArray
		.filter((nested): nested is protobuf.Type => nested instanceof protobuf.Type)
		.map((schema) => ({ name: schema.name, type: generatedType(schema.name), schema, arbitrary: arbitraryMessage(schema) }));
}

function generatedType(name: string): MessageType<Properties> {
	const type: unknown = Reflect.get(wire, name);
	// The generated codec of a type that the schemas declare; a missing one would be a codec that was not regenerated.
	if (typeof type !== "object" || type === null || !("byNumber" in type))
		throw new Error(`no generated codec for ${name}: run npm run codec`);
	return type as MessageType<Properties>;
}

function arbitraryMessage(schema: protobuf.Type): fc.Arbitrary<Properties> {
	const plain = schema.fieldsArray.filter((field) => !field.partOf);
	const fields = fc.record(Object.fromEntries(plain.map((field) => [field.name, arbitraryField(field)])));
	const choices = schema.oneofsArray.map((oneof) =>
		fc.oneof(
			fc.constant({}),
			...oneof.fieldsArray.map((member) =>
				arbitraryValue(member).map((value) => ({ [member.name]: value, [oneof.name]: member.name })),
			),
		),
	);
	return fc.tuple(fields, ...choices).map((parts) => Object.assign({}, ...parts));
}

function arbitraryField(field: protobuf.Field): fc.Arbitrary<unknown> {
	if (field.repeated) return fc.array(arbitraryValue(field), { maxLength: 3 });
	return field.resolvedType instanceof protobuf.Type ? fc.option(arbitraryValue(field)) : arbitraryValue(field);
}

function arbitraryValue(field: protobuf.Field): fc.Arbitrary<unknown> {
	if (field.resolvedType instanceof protobuf.Type) return arbitraryMessage(field.resolvedType);
	if (field.resolvedType instanceof protobuf.Enum) {
		return fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...Object.values(field.resolvedType.values)) }, fc.integer());
	}
	switch (field.type) {
		case "string":
			return fc.oneof(fc.string({ unit: "binary", maxLength: 12 }), fc.string({ unit: "binary", minLength: 60, maxLength: 140 }));
		case "bytes":
			return fc.uint8Array({ maxLength: 80 });
		case "bool":
			return fc.boolean();
		case "int32":
			return fc.integer();
		case "uint32":
		case "fixed32":
			return fc.integer({ min: 0, max: 0xffffffff });
		case "uint64":
			return fc.oneof(fc.maxSafeNat(), fc.constantFrom(0, 0xffffffff, 2 ** 32, Number.MAX_SAFE_INTEGER));
		default:
			throw new Error(`${field.fullName}: teach every-message.ts about ${field.type}`);
	}
}
