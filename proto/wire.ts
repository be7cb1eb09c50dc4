/** The generated messages and enums, values and types under one name. Everything else imports them from here. */
export * as wire from "./generated/holdfast.ts";
