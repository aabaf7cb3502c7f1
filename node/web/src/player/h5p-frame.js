// h5p-frame.js: stands behind H5P's own program (build.mjs joins them), so that the player hears H5P from before its content's first word on.
(window.frameElement ? window.parent : window).h5pBorn?.(window.H5P)
