# the room itself
check_PROGRAMS += tests/node/config_test tests/node/dir_test tests/node/json_test


# store
libkit_a_SOURCES += tests/node/store/desk.c tests/node/store/desk.h
check_PROGRAMS += \
	tests/node/store/migrate_test \
	tests/node/store/own_test \
	tests/node/store/plan_test \
	tests/node/store/store_test
# blob
# link
check_PROGRAMS += \
	tests/node/app_command_test \
	tests/node/link/zap_test
# learn
check_PROGRAMS += tests/node/learn/csv_test tests/node/learn/timestamp_test tests/node/learn/vocabulary_test
# stats
# http
check_PROGRAMS += tests/node/http/page_test tests/node/http/range_test
# cmd
check_PROGRAMS += tests/node/cmd/command_test tests/node/cmd/init_test tests/node/cmd/table_test
