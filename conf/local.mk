# conf: options, samples and packaging.
EXTRA_DIST += conf/README.md conf/hub.conf conf/centre.conf conf/campus.conf conf/qanat.service conf/qanat.bash conf/demo

completionsdir = $(datadir)/bash-completion/completions
install-data-hook:
	$(MKDIR_P) "$(DESTDIR)$(completionsdir)"
	$(INSTALL_DATA) $(srcdir)/conf/qanat.bash "$(DESTDIR)$(completionsdir)/qanat"
uninstall-hook:
	rm -f "$(DESTDIR)$(completionsdir)/qanat"

exampledir = $(docdir)/examples
example_DATA = conf/hub.conf conf/centre.conf conf/campus.conf conf/qanat.service
