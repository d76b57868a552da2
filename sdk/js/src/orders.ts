// Orders of the firm. Needs the grant `orders` in plugin.toml.

export * from "roro:order/orders@0.1.0";
