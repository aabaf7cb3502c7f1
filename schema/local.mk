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
EXTRA_DIST += schema/wire/credential.proto schema/wire/package.proto schema/wire/trust.proto

# sql: one file per noun, in alphabetical order; add yours to both lists (see schema/sql/README.md)
sql_tables = \
	schema/sql/tables/act.sql \
	schema/sql/tables/attempt.sql \
	schema/sql/tables/blob.sql \
	schema/sql/tables/cell.sql \
	schema/sql/tables/cohort.sql \
	schema/sql/tables/course.sql \
	schema/sql/tables/credential.sql \
	schema/sql/tables/doubt.sql \
	schema/sql/tables/event.sql \
	schema/sql/tables/incident.sql \
	schema/sql/tables/known.sql \
	schema/sql/tables/lrs.sql \
	schema/sql/tables/peer.sql \
	schema/sql/tables/person.sql \
	schema/sql/tables/property.sql \
	schema/sql/tables/seal.sql \
	schema/sql/tables/share.sql \
	schema/sql/tables/signin.sql \
	schema/sql/tables/stream.sql \
	schema/sql/tables/want.sql \
	schema/sql/tables/window.sql

sql_queries = \
	schema/sql/queries/act.sql \
	schema/sql/queries/attempt.sql \
	schema/sql/queries/blob.sql \
	schema/sql/queries/cell.sql \
	schema/sql/queries/cohort.sql \
	schema/sql/queries/course.sql \
	schema/sql/queries/credential.sql \
	schema/sql/queries/doubt.sql \
	schema/sql/queries/edition.sql \
	schema/sql/queries/event.sql \
	schema/sql/queries/incident.sql \
	schema/sql/queries/peer.sql \
	schema/sql/queries/known.sql \
	schema/sql/queries/person.sql \
	schema/sql/queries/property.sql \
	schema/sql/queries/posting.sql \
	schema/sql/queries/record.sql \
	schema/sql/queries/seal.sql \
	schema/sql/queries/share.sql \
	schema/sql/queries/signin.sql \
	schema/sql/queries/stream.sql \
	schema/sql/queries/transaction.sql \
	schema/sql/queries/want.sql \
	schema/sql/queries/window.sql \
	schema/sql/queries/xapi_client.sql \
	schema/sql/queries/xapi_document.sql

# NNNN-what.sql, ascending; the greatest number is the version of the schema (1 when there is none)
sql_migrations = \
	schema/sql/migrations/0002-learning-and-records.sql \
	schema/sql/migrations/0003-postings.sql \
	schema/sql/migrations/0004-incident.sql \
	schema/sql/migrations/0005-known.sql \
	schema/sql/migrations/0006-share.sql \
	schema/sql/migrations/0007-staging-size.sql \
	schema/sql/migrations/0008-doubt.sql \
	schema/sql/migrations/0009-software.sql

sql_embed = $(MKDIR_P) schema && LC_ALL=C $(AWK) -f $(srcdir)/schema/sql/embed.awk

schema/statements.h: $(sql_queries) schema/sql/embed.awk schema/local.mk
	$(AM_V_GEN)$(sql_embed) -v mode=header $(sql_queries:%=$(srcdir)/%) > $@-t && mv $@-t $@

schema/statements.c: $(sql_queries) schema/sql/embed.awk schema/local.mk
	$(AM_V_GEN)$(sql_embed) -v mode=source $(sql_queries:%=$(srcdir)/%) > $@-t && mv $@-t $@

schema/tables.h: $(sql_tables) $(sql_migrations) schema/sql/embed.awk schema/local.mk
	$(AM_V_GEN)$(sql_embed) -v mode=tables $(sql_tables:%=$(srcdir)/%) $(sql_migrations:%=$(srcdir)/%) > $@-t && mv $@-t $@

sql_generated = schema/statements.h schema/statements.c schema/tables.h
BUILT_SOURCES += $(sql_generated)
CLEANFILES += $(sql_generated)
EXTRA_DIST += $(sql_tables) $(sql_queries) $(sql_migrations) schema/sql/embed.awk schema/sql/README.md schema/README.md

# The description of the HTTP API, as a C text. (A string literal a line: compilers may refuse a very long one, not many joined.)
schema/openapi.h: $(srcdir)/schema/openapi.json schema/local.mk
	$(AM_V_GEN)$(MKDIR_P) schema && { echo '/* Made from schema/openapi.json. */'; echo 'static const char openapi_text[] ='; \
	    sed -e 's/[\\"]/\\&/g' -e 's/^/    "/' -e 's/$$/\\n"/' $(srcdir)/schema/openapi.json; echo '    ;'; } > $@-t && mv $@-t $@
BUILT_SOURCES += schema/openapi.h
CLEANFILES += schema/openapi.h
EXTRA_DIST += schema/openapi.json
