# store
# blob
# link
# learn
# stats
# http
# cmd
