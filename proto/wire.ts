/** The generated messages and enums, values and types under one name. Everything else imports them from here. */
import { holdfast } from "./generated/holdfast.js";

export import wire = holdfast.v1;
