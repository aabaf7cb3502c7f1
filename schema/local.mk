# schema: data only. Tables and queries become C text, messages become protobuf-c; nothing here has logic.
