# schema: data only. Tables and queries become C text, messages become protobuf-c; nothing here has logic.

# messages: each .proto becomes .pb-c.c and .pb-c.h under the build directory. A new one is a line here.
wire_protos = \
	schema/wire/messages.proto
wire_generated = $(wire_protos:.proto=.pb-c.c) $(wire_protos:.proto=.pb-c.h)

# Generated code gets the compiler's flags but not our warnings.
noinst_LIBRARIES += libwire.a
nodist_libwire_a_SOURCES = $(wire_generated)
libwire_a_CFLAGS = -std=gnu11 -w $(HARDEN_CFLAGS) $(SANITIZE_CFLAGS)

# One run makes both: GNU make knows that of a pattern with two targets, so the .c never outruns its .h.
%.pb-c.c %.pb-c.h: %.proto
	$(AM_V_GEN)$(PROTOC_C) --proto_path=$(srcdir) --c_out=. $<

EXTRA_DIST += $(wire_protos)
BUILT_SOURCES += $(wire_generated)
CLEANFILES += $(wire_generated)

# Records that are signed or addressed by their bytes: written field by field (replication/base/field.h), described here for others.
EXTRA_DIST += schema/wire/trust.proto
