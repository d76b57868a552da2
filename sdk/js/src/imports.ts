// What every rule plugin may import, without the versions in the names. An import that needs a grant has a file of its own: the contract's
// types hold it when plugin.toml asks for the grant.

export * as legalDate from "roro:host/legal-date@0.1.0";
export * as log from "roro:host/log@0.1.0";
export * as fields from "roro:order/fields@0.1.0";

export type { Column } from "roro:order/fields@0.1.0";
export type { Identity, Order, Party, Role, Shipment, Vehicle } from "roro:order/order@0.1.0";
export type { Date as CivilDate, Decimal, Finding, Money, Parameter, Severity } from "roro:types/types@0.1.0";
