"""What a plugin author uses in Python: a small layer on the contract's bindings, which componentize-py makes from the WIT files.

Each world has a module: `roro_sdk.order_guard`, `roro_sdk.documents`, `roro_sdk.pricing`, `roro_sdk.app`. A plugin imports the one of its hook
and nothing from here.
"""
