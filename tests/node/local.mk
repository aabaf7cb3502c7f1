# store
# blob
# link
# learn
check_PROGRAMS += tests/node/learn/csv_test tests/node/learn/timestamp_test tests/node/learn/vocabulary_test
# stats
# http
# cmd
