# conf: options, samples and packaging.
EXTRA_DIST += conf/README.md conf/hub.conf conf/centre.conf conf/campus.conf conf/qanat.service conf/qanat.bash conf/demo

completionsdir = $(datadir)/bash-completion/completions
systemdunitdir = $(prefix)/lib/systemd/system
install-data-hook:
	$(MKDIR_P) "$(DESTDIR)$(completionsdir)" "$(DESTDIR)$(systemdunitdir)"
	$(INSTALL_DATA) $(srcdir)/conf/qanat.bash "$(DESTDIR)$(completionsdir)/qanat"
	sed 's,/usr/local/bin,$(bindir),' $(srcdir)/conf/qanat.service >"$(DESTDIR)$(systemdunitdir)/qanat.service"
	chmod 644 "$(DESTDIR)$(systemdunitdir)/qanat.service"
uninstall-hook:
	rm -f "$(DESTDIR)$(completionsdir)/qanat" "$(DESTDIR)$(systemdunitdir)/qanat.service"

exampledir = $(docdir)/examples
example_DATA = conf/hub.conf conf/centre.conf conf/campus.conf
